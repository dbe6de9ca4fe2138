"use strict";
(() => {
  const numbers = JSON.parse(document.getElementById("numbers").textContent);
  const room = document.getElementById("plots");
  const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const axis = (label, more) => ({
    label, stroke: color("--faint"), grid: { stroke: color("--line") }, ticks: { stroke: color("--line") }, ...more,
  });
  const times = (u, ticks) => ticks.map((t) => (t === null ? "" : `${t}x`));
  let drawn = [];

  const draw = (title, options, data) => {
    const place = document.createElement("div");
    place.className = "plot";
    const heading = document.createElement("h3");
    heading.textContent = title;
    place.append(heading);
    room.append(place);
    const width = Math.max(240, place.clientWidth - 24);
    drawn.push(new uPlot({ width, height: 300, ...options }, data, place));
  };
  const bars = (label) => ({
    label, stroke: color("--first"), fill: color("--first") + "99", paths: uPlot.paths.bars({ size: [0.7, 80] }), points: { show: false },
  });

  // One bar a query, the fastest first; on a log scale 1x is where a bar has no length.
  const speedups = ({ names, values }) => {
    if (names.length === 0) return;
    const places = names.map((_, i) => i);
    draw("Speedup of each query", {
      height: 420,
      scales: { x: { time: false, range: [-0.6, names.length - 0.4] }, y: { distr: 3 } },
      axes: [
        axis("", { splits: () => places, values: () => names, rotate: -70, size: 150, grid: { show: false } }),
        axis("before / after, log scale", { size: 64, values: times }),
      ],
      series: [{ label: "query", value: (u, at) => (at === null ? "" : names[at]) },
        { ...bars("speedup"), fillTo: () => 1 }],
    }, [places, values]);
  };
  const statuses = ({ names, counts }) => {
    const places = names.map((_, i) => i);
    draw("Statuses", {
      legend: { show: false },
      scales: { x: { time: false, range: [-0.6, names.length - 0.4] }, y: { range: (u, low, high) => [0, Math.max(1, high) * 1.1] } },
      axes: [axis("", { splits: () => places, values: () => names, grid: { show: false } }), axis("queries", { size: 64 })],
      series: [{}, bars("queries")],
    }, [places, counts]);
  };
  const states = ({ state, geomean }) => {
    if (state.length < 2) return;
    draw("Geometric mean of each state", {
      scales: { x: { time: false } },
      axes: [axis("state"), axis("before / after", { size: 64, values: times })],
      series: [{ label: "state" }, { label: "geometric mean", stroke: color("--first"), width: 2, points: { show: true } }],
    }, [state, geomean]);
  };

  const drawAll = () => {
    drawn.forEach((plot) => plot.destroy());
    drawn = [];
    room.replaceChildren();
    speedups(numbers.speedups);
    statuses(numbers.statuses);
    states(numbers.states);
    document.documentElement.dataset.plots = String(drawn.length);
  };

  drawAll();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
  let waiting = 0;
  addEventListener("resize", () => { clearTimeout(waiting); waiting = setTimeout(drawAll, 200); });
})();
