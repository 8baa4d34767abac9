// How open the mouth is and how high the eyebrows are, from the points of a face; docs/web-page.md has the formulas.

const BROWS = ["left_eyebrow_inner_end", "left_eyebrow_outer_end", "right_eyebrow_inner_end", "right_eyebrow_outer_end"];

/** Returns a function that measures the points [[x, y], …] of a face, given the keypoints' names in their order. */
export function measuring(names) {
  const at = Object.fromEntries(names.map((name, index) => [name, index]));
  return (points) => {
    const place = (name) => points[at[name]];
    const distance = (a, b) => Math.hypot(place(a)[0] - place(b)[0], place(a)[1] - place(b)[1]);
    const eyes = distance("left_eye_center", "right_eye_center");
    const [x, y] = place("right_eye_center");
    const [across, along] = [place("left_eye_center")[0] - x, place("left_eye_center")[1] - y];
    // The component at right angles to the line through the eyes, upwards: a tilted head changes nothing.
    const height = (name) => (along * (place(name)[0] - x) - across * (place(name)[1] - y)) / eyes;
    const raise = BROWS.reduce((sum, name) => sum + height(name), 0) / BROWS.length;
    return {
      mouth: distance("mouth_center_top_lip", "mouth_center_bottom_lip") / eyes,
      width: distance("mouth_left_corner", "mouth_right_corner") / eyes,
      brows: raise / eyes,
    };
  };
}
