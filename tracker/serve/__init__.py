"""The web page of a live tracker: picture, points and curves in a browser, for several viewers at once."""
