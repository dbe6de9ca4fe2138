"use strict";
(() => {
  const numbers = JSON.parse(document.getElementById("numbers").textContent);
  const room = document.getElementById("plots");
  const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const known = (values) => values.some((value) => value !== null);
  const spent = (values) => (values.some((value) => value > 0) ? values : []); // rules cost nothing
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
  const draw = (title, options, data) => {
    const place = panel(title);
    const width = Math.max(240, place.clientWidth - 24);
    drawn.push(new uPlot({ width, height: 260, cursor: { drag: { x: true, y: false } }, ...options }, data, place));
  };

  const series = (label, name, more) => ({
    label, stroke: color(name), width: 2, spanGaps: true,
    points: { show: numbers.iteration.length <= 30, fill: color(name) }, ...more,
  });
  const lines = (title, unit, list, scale) => {
    const shown = list.filter(([, values]) => known(values));
    if (numbers.iteration.length === 0 || shown.length === 0) return;
    const names = ["--first", "--second"];
    draw(title, {
      scales: { x: { time: false }, y: scale || {} },
      axes: [axis("iteration"), axis(unit, { size: 64 })],
      series: [{ label: "iteration" }, ...shown.map(([label], i) => series(label, names[i]))],
    }, [numbers.iteration, ...shown.map(([, values]) => values)]);
  };

  // Mean over the ten iterations that end here.
  const smoothed = (values) => values.map((_, i) => {
    const part = values.slice(Math.max(0, i - 9), i + 1);
    return part.reduce((sum, value) => sum + value, 0) / part.length;
  });

  // Markers without lines; half transparent, since ten thousand of them overlap.
  const points = (title, unit, x, y) => {
    if (x.length === 0) return;
    draw(title, {
      scales: { x: { time: false, range: (u, low, high) => [low - 1, high + 1] }, y: { distr: 3 } },
      axes: [axis("iteration"), axis(unit, { size: 64, values: (u, ticks) => ticks.map((t) => (t === null ? "" : `${t}x`)) })],
      series: [{ label: "iteration" }, {
        label: "speedup", stroke: color("--first"), paths: () => null,
        points: { show: true, size: 5, stroke: color("--first") + "99", fill: color("--first") + "66" },
      }],
    }, [x, y]);
  };

  const bars = (title, list) => {
    if (list.names.length === 0) return;
    const places = list.names.map((_, i) => i);
    const many = list.names.length > 6; // then the names are turned and want room
    draw(title, {
      legend: { show: false },
      height: many ? 380 : 300,
      scales: { x: { time: false, range: [-0.6, list.names.length - 0.4] }, y: { range: (u, low, high) => [0, Math.max(1, high) * 1.1] } },
      axes: [
        axis("", { splits: () => places, values: () => list.names, rotate: many ? -50 : 0, size: many ? 190 : 40, grid: { show: false } }),
        axis("examples", { size: 64 }),
      ],
      series: [{}, { label: "examples", stroke: color("--first"), fill: color("--first") + "99", paths: uPlot.paths.bars({ size: [0.7, 80] }), points: { show: false } }],
    }, [places, list.counts]);
  };

  const drawAll = () => {
    drawn.forEach((plot) => plot.destroy());
    drawn = [];
    room.replaceChildren();
    lines("Success rate", "percent kept", [["iteration", numbers.success], ["mean of ten", smoothed(numbers.success)]], { range: [0, 100] });
    lines("Rewards", "reward", [["all candidates", numbers.reward], ["kept", numbers.reward_kept]]);
    points("Speedups (log scale)", "before / after", numbers.speedups.iteration, numbers.speedups.speedup);
    lines("Data set", "examples", [["examples", numbers.examples]]);
    bars("Types", numbers.types);
    bars("Speedup bands", numbers.bands);
    lines("Diversity", "distinct / examples", [["slow queries", numbers.before_diversity], ["fast queries", numbers.after_diversity]]);
    lines("Cost", "USD, summed up", [["cost", spent(numbers.cost)]]);
    lines("Tokens", "tokens", [["tokens", spent(numbers.tokens)]]);
    bars("Rules at work", { names: numbers.rules.names.slice(0, 16), counts: numbers.rules.counts.slice(0, 16) });
    document.documentElement.dataset.plots = String(drawn.length);
  };

  drawAll();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
  let waiting = 0;
  addEventListener("resize", () => { clearTimeout(waiting); waiting = setTimeout(drawAll, 200); });
})();
