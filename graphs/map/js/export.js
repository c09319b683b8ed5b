/* Export: the picture as PNG or SVG with title, date, assumptions and source burnt in, so that no copy loses them. */
(function (map) {
  "use strict";

  const { SANS } = map.paint;
  const SERIF = '"Source Serif 4", "Noto Serif", Georgia, serif';
  const MARGIN = 28;

  /** How many letters of a word fit, at least one; a letter of two units stays whole. */
  function fitting(ctx, word, width) {
    let [fits, over] = [1, word.length];
    while (over - fits > 1) {
      const n = (fits + over) >> 1;
      if (ctx.measureText(word.slice(0, n)).width <= width) fits = n;
      else over = n;
    }
    return /[\ud800-\udbff]/.test(word[fits - 1]) ? fits + 1 : fits;
  }

  /** Broken into lines that fit; a word too long for a line is split. */
  function wrapped(ctx, text, width) {
    const lines = [];
    let line = "";
    for (let word of text.split(/\s+/)) {
      const longer = line ? `${line} ${word}` : word;
      if (ctx.measureText(longer).width <= width) {
        line = longer;
        continue;
      }
      if (line) lines.push(line);
      while (ctx.measureText(word).width > width && word.length > 1) {
        const n = fitting(ctx, word, width);
        lines.push(word.slice(0, n));
        word = word.slice(n);
      }
      line = word;
    }
    return line ? [...lines, line] : lines;
  }

  /** Everything around the picture: [font, line height, colour, lines] above and below. */
  function frame(ctx, texts, width, theme) {
    const block = (font, height, colour, text) => {
      ctx.font = font;
      return { font, height, colour, lines: text ? wrapped(ctx, text, width) : [] };
    };
    return {
      above: [block(`600 26px ${SERIF}`, 31, theme.ink, texts.headline), block(`400 15px ${SANS}`, 20, theme.soft, texts.deck),
        block(`400 13px ${SANS}`, 18, theme.ink, texts.assumptions)],
      below: [block(`400 12px ${SANS}`, 17, theme.ink, texts.key), block(`400 12px ${SANS}`, 17, theme.soft, texts.source)],
    };
  }

  const tall = (blocks) => blocks.reduce((sum, { height, lines }) => sum + height * lines.length + (lines.length ? 6 : 0), 0);

  function write(ctx, blocks, top) {
    let y = top;
    ctx.textAlign = "left";
    ctx.textBaseline = "alphabetic";
    for (const { font, height, colour, lines } of blocks) {
      ctx.font = font;
      ctx.fillStyle = colour;
      for (const line of lines) {
        ctx.fillText(line, MARGIN, y + height * 0.75);
        y += height;
      }
      if (lines.length) y += 6;
    }
  }

  /** How large the sheet is, and how to draw it onto a context. */
  function sheet(ctx, scene, stateOf, texts) {
    const theme = map.paint.LIGHT;
    const { head } = scene;
    const inner = Math.max(scene.width + scene.outset, 560);
    const parts = frame(ctx, texts, inner, theme);
    const top = MARGIN + tall(parts.above) + 14;
    const width = inner + MARGIN * 2;
    const height = top + head + scene.height + 22 + tall(parts.below) + MARGIN - 6;
    return {
      width, height,
      draw(target) {
        target.fillStyle = theme.paper;
        target.fillRect(0, 0, width, height);
        write(target, parts.above, MARGIN);
        write(target, parts.below, top + head + scene.height + 22);
        target.translate(MARGIN + scene.outset, top + head);
        map.paint.draw(target, scene, theme, stateOf);
        for (const box of scene.boxes) map.paint.drawBox(target, box, theme, stateOf("box", box));
      },
    };
  }

  function measuring() {
    return document.createElement("canvas").getContext("2d");
  }

  function svgText(scene, stateOf, texts) {
    const ctx = map.svg.context(measuring());
    const page = sheet(ctx, scene, stateOf, texts);
    page.draw(ctx);
    return ctx.toString(page.width, page.height, texts.headline);
  }

  /** A PNG at twice the size, sharp in print. */
  function pngBlob(scene, stateOf, texts) {
    const canvas = document.createElement("canvas");
    const ctx = canvas.getContext("2d");
    const page = sheet(ctx, scene, stateOf, texts);
    canvas.width = Math.ceil(page.width * 2);
    canvas.height = Math.ceil(page.height * 2);
    ctx.scale(2, 2);
    page.draw(ctx);
    return new Promise((resolve) => { canvas.toBlob(resolve, "image/png"); });
  }

  map.exports = { svgText, pngBlob };
})((globalThis.AccessMap = globalThis.AccessMap || {}));
