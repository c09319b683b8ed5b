/* SVG: a canvas context that writes SVG, so that a picture is drawn by one description on both. */
(function (map) {
  "use strict";

  const escape = (text) => String(text).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`)
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "");
  const round = (value) => Math.round(value * 100) / 100;

  /** As much of CanvasRenderingContext2D as `paint.js` uses; texts are measured by a real one. */
  function context(measure) {
    const out = [];
    let path = "";
    let dash = [];
    let shift = [0, 0];
    const ctx = {
      fillStyle: "#000", strokeStyle: "#000", lineWidth: 1, globalAlpha: 1, font: "12px sans-serif", textAlign: "left",
      textBaseline: "alphabetic", lineCap: "butt",
      translate(x, y) { shift = [shift[0] + x, shift[1] + y]; },
      beginPath() { path = ""; },
      closePath() { path += "Z"; },
      moveTo(x, y) { path += `M${point(x, y)}`; },
      lineTo(x, y) { path += `L${point(x, y)}`; },
      quadraticCurveTo(a, b, x, y) { path += `Q${point(a, b)} ${point(x, y)}`; },
      bezierCurveTo(a, b, c, d, x, y) { path += `C${point(a, b)} ${point(c, d)} ${point(x, y)}`; },
      arc(x, y, r) { path += `M${point(x - r, y)}a${round(r)} ${round(r)} 0 1 0 ${round(2 * r)} 0a${round(r)} ${round(r)} 0 1 0 ${round(-2 * r)} 0`; },
      setLineDash(list) { dash = list; },
      fill() { out.push(`<path d="${path}" fill="${escape(ctx.fillStyle)}"${alpha()}/>`); },
      stroke() {
        out.push(`<path d="${path}" fill="none" stroke="${escape(ctx.strokeStyle)}" stroke-width="${round(ctx.lineWidth)}"${
          dash.length ? ` stroke-dasharray="${dash.join(" ")}"` : ""}${alpha()}/>`);
      },
      fillRect(x, y, w, h) {
        const [px, py] = point(x, y).split(" ");
        out.push(`<rect x="${px}" y="${py}" width="${round(w)}" height="${round(h)}" fill="${escape(ctx.fillStyle)}"${alpha()}/>`);
      },
      measureText(text) {
        measure.font = ctx.font;
        return measure.measureText(text);
      },
      fillText(text, x, y) {
        const [, weight, size, family] = /^(?:(\d+|bold) )?([\d.]+)px (.*)$/.exec(ctx.font) || [null, "400", "12", "sans-serif"];
        const anchor = { left: "start", center: "middle", right: "end" }[ctx.textAlign];
        const lower = ctx.textBaseline === "middle" ? Number(size) * 0.35 : 0;
        const [px, py] = point(x, y + lower).split(" ");
        // Where the font is not installed, another keeps within the same width.
        const fit = text.length > 1 ? ` textLength="${round(ctx.measureText(text).width)}" lengthAdjust="spacingAndGlyphs"` : "";
        out.push(`<text x="${px}" y="${py}"${fit} font-family="${escape(family)}" font-size="${size}" font-weight="${weight || 400}" text-anchor="${
          anchor}" fill="${escape(ctx.fillStyle)}"${alpha()}>${escape(text)}</text>`);
      },
    };
    const point = (x, y) => `${round(x + shift[0])} ${round(y + shift[1])}`;
    const alpha = () => (ctx.globalAlpha < 1 ? ` opacity="${round(ctx.globalAlpha)}"` : "");
    ctx.toString = (width, height, title) => `<svg xmlns="http://www.w3.org/2000/svg" width="${round(width)}" height="${round(height)}" viewBox="0 0 ${
      round(width)} ${round(height)}" role="img"><title>${escape(title)}</title>${out.join("")}</svg>\n`;
    return ctx;
  }

  map.svg = { context };
})((globalThis.AccessMap = globalThis.AccessMap || {}));
