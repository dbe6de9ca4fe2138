"use strict";
(() => {
  const charts = JSON.parse(document.getElementById("numbers").textContent);
  const room = document.getElementById("plots");
  const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const colors = ["--first", "--second"];
  let drawn = [];

  const axis = (label, more) => ({
    label, stroke: color("--faint"), grid: { stroke: color("--line") }, ticks: { stroke: color("--line") }, ...more,
  });
  const panel = (title) => {
    const place = document.createElement("div");
    place.className = "plot";
    const heading = document.createElement("h3");
    heading.textContent = title;
    place.append(heading);
    room.append(place);
    return place;
  };
  const series = (curve, i) => ({
    label: curve.name, stroke: color(colors[i % colors.length]), width: 2, spanGaps: true,
    points: { show: curve.values.filter((value) => value !== null).length <= 30 },
  });
  const draw = (chart) => {
    const place = panel(chart.title);
    drawn.push(new uPlot({
      width: Math.max(240, place.clientWidth - 24), height: 260, cursor: { drag: { x: true, y: false } },
      scales: { x: { time: false } },
      axes: [axis("step"), axis(chart.unit, { size: 80 })],
      series: [{ label: "step" }, ...chart.curves.map(series)],
    }, [chart.steps, ...chart.curves.map((curve) => curve.values)], place));
  };

  const drawAll = () => {
    drawn.forEach((plot) => plot.destroy());
    drawn = [];
    room.replaceChildren();
    charts.forEach(draw);
    document.documentElement.dataset.plots = String(drawn.length);
  };

  drawAll();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
  let waiting = 0;
  addEventListener("resize", () => { clearTimeout(waiting); waiting = setTimeout(drawAll, 200); });
})();
