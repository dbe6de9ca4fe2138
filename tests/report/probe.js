// Counts what was drawn and writes it where the dumped document shows it.
addEventListener("load", () => {
  const drawn = (canvas) => {
    const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
    let count = 0;
    for (let i = 3; i < pixels.length; i += 4) count += pixels[i] > 0 ? 1 : 0;
    return count > 500;
  };
  const seen = document.documentElement.dataset;
  seen.dark = matchMedia("(prefers-color-scheme: dark)").matches;
  seen.ground = getComputedStyle(document.body).backgroundColor;
  seen.inked = [...document.querySelectorAll("canvas")].filter(drawn).length;
});
