"""The report that sets trained models side by side: what is known of them, and a file per section of the page."""
