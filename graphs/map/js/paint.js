/* Paint: a scene onto a canvas or into SVG, from one description of its marks. */
(function (map) {
  "use strict";

  const SANS = '"Source Sans 3", "Noto Sans", "Segoe UI", Roboto, Arial, sans-serif';

  /* A family is told by column, glyph, border and tint; no two lean on hue alone. */
  const FAMILIES = {
    abroad: { border: "#090909", tint: "#e6e6e6", glyph: "★" },
    outside: { border: "#444444", tint: "#d4d4d4", glyph: "✕" },
    state: { border: "#00235F", tint: "#cfe3f2", glyph: "■" },
    vendor: { border: "#844404", tint: "#fbdcc8", glyph: "◆" },
    agency: { border: "#2B607A", tint: "#dff0fb", glyph: "▼" },
    operator: { border: "#108F80", tint: "#cdebe1", glyph: "⬢" },
    system: { border: "#9A8F00", tint: "#fbf6c0", glyph: "●" },
    store: { border: "#A8307F", tint: "#f5dceb", glyph: "▤" },
  };

  /* Certainty, weakest first, as a line. */
  const DASHES = [[12, 4, 2, 4], [2, 5], [10, 4], []];

  const LIGHT = {
    paper: "#ffffff", ink: "#16181b", soft: "#5b6168", faint: "#c9ccd0", accent: "#0a58ca", text: "#16181b",
    lines: ["#868c94", "#666d75", "#41474e", "#16181b"],
    gained: "#0b7a3b", lost: "#6d747c", changed: "#8a4b00",
  };
  const DARK = {
    paper: "#16191d", ink: "#f0eee9", soft: "#a7adb5", faint: "#444b53", accent: "#7db4ff", text: "#16181b",
    lines: ["#868d96", "#a5abb3", "#c8ccd1", "#f4f2ee"],
    gained: "#5fd08d", lost: "#9aa1a9", changed: "#e0a458",
  };

  /** Glyphs as paths in a square of 10, so that they are the same in every font. */
  function glyph(ctx, family, x, y, size) {
    const s = size / 10;
    const at = (points) => points.forEach(([px, py], i) => ctx[i ? "lineTo" : "moveTo"](x + px * s, y + py * s));
    ctx.beginPath();
    if (family === "abroad") {
      const points = [];
      for (let i = 0; i < 10; i += 1) {
        const r = i % 2 ? 2.2 : 5;
        const turn = (Math.PI / 5) * i - Math.PI / 2;
        points.push([r * Math.cos(turn), r * Math.sin(turn)]);
      }
      at(points);
    } else if (family === "outside") {
      at([[-4.6, -2.8], [-2.8, -4.6], [0, -1.8], [2.8, -4.6], [4.6, -2.8], [1.8, 0], [4.6, 2.8], [2.8, 4.6], [0, 1.8],
        [-2.8, 4.6], [-4.6, 2.8], [-1.8, 0]]);
    } else if (family === "state") at([[-4, -4], [4, -4], [4, 4], [-4, 4]]);
    else if (family === "vendor") at([[0, -5], [5, 0], [0, 5], [-5, 0]]);
    else if (family === "agency") at([[-5, -4], [5, -4], [0, 5]]);
    else if (family === "operator") at([[-2.6, -4.5], [2.6, -4.5], [5, 0], [2.6, 4.5], [-2.6, 4.5], [-5, 0]]);
    else if (family === "system") ctx.arc(x, y, 4.4 * s, 0, Math.PI * 2);
    else {
      for (const top of [-4.4, -1.2, 2]) at([[-4.6, top], [4.6, top], [4.6, top + 2.2], [-4.6, top + 2.2], [-4.6, top]]);
    }
    ctx.closePath();
    ctx.fill();
  }

  function trace(ctx, pieces) {
    ctx.beginPath();
    ctx.moveTo(pieces[0][0], pieces[0][1]);
    for (const p of pieces) ctx.bezierCurveTo(p[2], p[3], p[4], p[5], p[6], p[7]);
  }

  /** A link shortened by the length of its arrowhead, so that a thick line does not blunt the point. */
  function arrow(ctx, pieces, size, colour) {
    const last = pieces[pieces.length - 1];
    const [x, y] = [last[6], last[7]];
    const [bx, by] = map.scene.along([last], 0.9);
    // Where columns are close, a curve is steep until just before its end; the head points as it enters.
    const turn = Math.atan2(Math.abs(last[6] - last[0]) < 30 ? 0 : (y - by) * 0.35, x - bx);
    ctx.fillStyle = colour;
    ctx.beginPath();
    ctx.moveTo(x, y);
    ctx.lineTo(x - size * Math.cos(turn - 0.42), y - size * Math.sin(turn - 0.42));
    ctx.lineTo(x - size * Math.cos(turn + 0.42), y - size * Math.sin(turn + 0.42));
    ctx.closePath();
    ctx.fill();
  }

  function lineOf(link, theme) {
    if (link.change) {
      return { colour: theme[link.change], dash: link.change === "lost" ? [7, 5] : DASHES[link.certainty], width: 2.2 };
    }
    if (link.count) {
      return { colour: theme.lines[link.level], dash: [], width: 0.8 + 4.4 * link.share };
    }
    return { colour: theme.lines[link.level], dash: DASHES[link.certainty], width: link.certainty === 3 ? 1.9 : 1.8 };
  }

  const SHARES = [0.5, 0.42, 0.58, 0.35, 0.65, 0.28, 0.72, 0.2, 0.8];
  const APART = 16;

  /** Where on a link its sign stands: at the middle, unless another stands there. */
  function badgePlace(curve, taken) {
    const free = ([x, y]) => taken.every(([ox, oy]) => Math.hypot(ox - x, oy - y) >= APART);
    const places = SHARES.map((share) => map.scene.along(curve, share));
    return places.find(free) || places[0];
  }

  /** A link; its sign is put aside, for no later link may cover it. */
  function drawLink(ctx, link, theme, state, badges) {
    const line = lineOf(link, theme);
    const lit = state === "lit";
    ctx.globalAlpha = state === "dim" ? 0.16 : 1;
    ctx.lineCap = "butt";
    if (state !== "dim") {
      trace(ctx, link.curve);
      ctx.setLineDash([]);
      ctx.lineWidth = line.width + 3;
      ctx.strokeStyle = theme.paper;
      ctx.stroke();
    }
    trace(ctx, link.curve);
    ctx.setLineDash(line.dash);
    ctx.lineWidth = lit ? line.width + 0.8 : line.width;
    const colour = lit ? theme.accent : line.colour;
    ctx.strokeStyle = colour;
    ctx.stroke();
    ctx.setLineDash([]);
    arrow(ctx, link.curve, link.count ? 5 + line.width * 1.4 : 9, colour);
    if (link.contested || link.change) {
      badges.push({ at: badgePlace(link.curve, badges.map((other) => other.at)), colour, alpha: ctx.globalAlpha,
        text: link.change ? { gained: "+", lost: "−", changed: "~" }[link.change] : "!" });
    }
    ctx.globalAlpha = 1;
  }

  function badge(ctx, { at: [x, y], text, colour, alpha }, theme) {
    ctx.globalAlpha = alpha;
    ctx.beginPath();
    ctx.arc(x, y, 7.5, 0, Math.PI * 2);
    ctx.fillStyle = theme.paper;
    ctx.fill();
    ctx.lineWidth = 1.4;
    ctx.strokeStyle = colour;
    ctx.stroke();
    ctx.fillStyle = colour;
    ctx.font = `700 11px ${SANS}`;
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    ctx.fillText(text, x, y + 0.5);
    ctx.globalAlpha = 1;
  }

  function rounded(ctx, x, y, w, h, r) {
    ctx.beginPath();
    ctx.moveTo(x + r, y);
    ctx.lineTo(x + w - r, y);
    ctx.quadraticCurveTo(x + w, y, x + w, y + r);
    ctx.lineTo(x + w, y + h - r);
    ctx.quadraticCurveTo(x + w, y + h, x + w - r, y + h);
    ctx.lineTo(x + r, y + h);
    ctx.quadraticCurveTo(x, y + h, x, y + h - r);
    ctx.lineTo(x, y + r);
    ctx.quadraticCurveTo(x, y, x + r, y);
    ctx.closePath();
  }

  function strip(ctx, x, y, w, h, r) {
    ctx.beginPath();
    ctx.moveTo(x + w, y);
    ctx.lineTo(x + r, y);
    ctx.quadraticCurveTo(x, y, x, y + r);
    ctx.lineTo(x, y + h - r);
    ctx.quadraticCurveTo(x, y + h, x + r, y + h);
    ctx.lineTo(x + w, y + h);
    ctx.closePath();
  }

  const VOWEL = /[aeiouyаеёиоуыэюяәіөұү]/i;
  const MUTE = /[ьъй]/i;
  const ONE_SOUND = /^(?:[cgpstw]h|ck|ng|qu)$/i;

  /**
   * Where a word may be broken, as places in it: between syllables, near enough for Russian, Kazakh and English, with two
   * letters and a vowel on either side; and after a hyphen that it has, unless numbers stand around it.
   */
  function breaks(word) {
    const found = [];
    for (const { 0: part, index } of word.matchAll(/\p{L}+/gu)) {
      if (/\p{L}-$/u.test(word.slice(0, index))) found.push(index);
      for (let i = 2; i <= part.length - 2; i += 1) {
        const [a, b, c, d] = part.slice(i - 2, i + 2);
        if (MUTE.test(c) || ONE_SOUND.test(b + c) || !VOWEL.test(part.slice(0, i)) || !VOWEL.test(part.slice(i))) continue;
        const closed = !VOWEL.test(b) && VOWEL.test(a) && !VOWEL.test(d);
        if (VOWEL.test(c) ? VOWEL.test(b) : VOWEL.test(d) || closed) found.push(index + i);
      }
    }
    return found;
  }

  const MOST_LETTERS = 300; // of a line in a box: a name of thousands is not tried letter by letter

  /** A text broken into at most so many lines that fit, the rest as an ellipsis; a word too long for a line is split. */
  function lines(ctx, text, width, most = 2) {
    const fits = (candidate) => ctx.measureText(candidate).width <= width;
    const longest = (word, tail) => {
      let n = Math.min(word.length - 1, MOST_LETTERS);
      while (n > 1 && !fits(word.slice(0, n) + tail)) n -= 1;
      return n;
    };
    const out = [];
    const words = text.split(/\s+/).filter(Boolean);
    let line = "";
    while (words.length) {
      const word = words[0];
      const longer = line ? `${line} ${word}` : word;
      if (fits(longer)) {
        line = longer;
        words.shift();
      } else if (out.length + 1 === most) {
        const rest = [line, ...words].filter(Boolean).join(" ");
        return [...out, `${rest.slice(0, longest(rest, "…")).trimEnd()}…`];
      } else if (line) {
        out.push(line);
        line = "";
      } else {
        const begun = (n) => (word[n - 1] === "-" ? word.slice(0, n) : `${word.slice(0, n)}-`);
        const n = breaks(word.slice(0, MOST_LETTERS)).filter((place) => fits(begun(place))).pop() || longest(word, "-");
        out.push(begun(n));
        words[0] = word.slice(n);
      }
    }
    return [...out, line];
  }

  let ruler = null;

  /** A context to measure with. */
  function measuring() {
    if (!ruler) ruler = document.createElement("canvas").getContext("2d");
    return ruler;
  }

  function signWidth(ctx, text) {
    ctx.font = `700 12px ${SANS}`;
    return ctx.measureText(String(text)).width;
  }

  /** The lines of a box's name at a size, and the height that they need: a long name makes a tall box, not small letters. */
  function fit(box, size) {
    const ctx = measuring();
    const sign = box.mark && box.mark.text ? signWidth(ctx, box.mark.text) + size.side + 6 : size.sign;
    const room = box.more ? size.width - 12 : size.width - size.strip - size.side - (box.mark ? Math.max(sign, size.sign) : size.side);
    ctx.font = box.more ? `400 12px ${SANS}` : `600 ${size.text}px ${SANS}`;
    const found = lines(ctx, box.label, room, size.rows);
    return { lines: found, height: Math.max(box.more ? 28 : size.height, found.length * (size.text + 2) + 10) };
  }

  function drawBox(ctx, box, theme, state) {
    const [w, h] = [box.width, box.height];
    const [x, y] = [box.x - w / 2, box.y - h / 2];
    ctx.globalAlpha = state === "dim" ? 0.32 : 1;
    if (box.more) {
      rounded(ctx, x, y, w, h, 3);
      ctx.fillStyle = theme.paper;
      ctx.fill();
      ctx.setLineDash([3, 3]);
      ctx.lineWidth = 1;
      ctx.strokeStyle = theme.soft;
      ctx.stroke();
      ctx.setLineDash([]);
      ctx.fillStyle = theme.soft;
      ctx.font = `400 12px ${SANS}`;
      ctx.textAlign = "center";
      ctx.textBaseline = "middle";
      box.lines.forEach((line, i, all) => ctx.fillText(line, box.x, box.y + (i - (all.length - 1) / 2) * 14));
      ctx.globalAlpha = 1;
      return;
    }
    const look = FAMILIES[box.family];
    rounded(ctx, x, y, w, h, 3);
    if (state === "selected") {
      ctx.lineWidth = 7;
      ctx.strokeStyle = theme.accent;
      ctx.stroke();
    }
    ctx.fillStyle = look.tint;
    ctx.fill();
    strip(ctx, x, y, box.strip, h, 3);
    ctx.fillStyle = look.border;
    ctx.fill();
    ctx.fillStyle = "#ffffff";
    glyph(ctx, box.family, x + box.strip / 2, box.y, Math.min(10, box.strip - 4));
    rounded(ctx, x, y, w, h, 3);
    ctx.setLineDash(box.gone ? [5, 3] : []);
    ctx.lineWidth = 1.4;
    ctx.strokeStyle = theme === DARK ? "#eceae5" : look.border;
    ctx.stroke();
    ctx.setLineDash([]);
    ctx.fillStyle = theme.text;
    ctx.font = `600 ${box.text}px ${SANS}`;
    ctx.textAlign = "left";
    ctx.textBaseline = "middle";
    box.lines.forEach((line, i, all) => ctx.fillText(line, x + box.strip + box.side, box.y + (i - (all.length - 1) / 2) * (box.text + 2)));
    if (box.mark) mark(ctx, box, x + w - box.side - 4, theme);
    ctx.globalAlpha = 1;
  }

  /** At the right edge: how strong the reach is, as four steps, or how many a box stands for, or that it is listed. */
  function mark(ctx, box, x, theme) {
    ctx.fillStyle = theme.text;
    const shade = ctx.globalAlpha;
    if (box.mark.level !== undefined) {
      for (let step = 0; step < 4; step += 1) {
        ctx.globalAlpha = step <= box.mark.level ? shade : shade * 0.22;
        ctx.fillRect(x - 4, box.y + 10 - step * 6.5, 8, 4.5);
      }
      ctx.globalAlpha = shade;
      return;
    }
    ctx.font = `700 12px ${SANS}`;
    ctx.textAlign = "right";
    ctx.fillText(String(box.mark.text), x + 4, box.y);
  }

  /** The whole scene; `state(kind, item)` says of a box or link whether it is lit, dim, selected or neither. */
  function draw(ctx, scene, theme, state) {
    const order = { dim: 0, plain: 1, lit: 2 };
    const links = scene.links.map((link) => [link, state("link", link)]);
    links.sort((a, b) => order[a[1]] - order[b[1]] || a[0].level - b[0].level);
    const badges = [];
    for (const [link, how] of links) drawLink(ctx, link, theme, how, badges);
    for (const each of badges) badge(ctx, each, theme);
    heads(ctx, scene, theme);
  }

  const HEAD_LINE = 14;

  function headLines(ctx, head, scene) {
    ctx.font = `400 12px ${SANS}`;
    return lines(ctx, head.label, scene.boxWidth + 14, 2);
  }

  /** How much the heads of the columns need above the boxes. */
  function headHeight(scene) {
    const most = Math.max(1, ...scene.heads.map((head) => headLines(measuring(), head, scene).length));
    return 32 + most * HEAD_LINE;
  }

  function heads(ctx, scene, theme) {
    let group = null;
    ctx.textAlign = "left";
    ctx.textBaseline = "alphabetic";
    for (const head of scene.heads) {
      if (head.group !== group) {
        ctx.fillStyle = theme.ink;
        ctx.font = `700 13px ${SANS}`;
        ctx.fillText(head.group, head.x, -scene.head + 14);
        group = head.group;
      }
      const label = headLines(ctx, head, scene);
      ctx.fillStyle = theme.soft;
      label.forEach((line, i) => ctx.fillText(line, head.x, -15 - (label.length - 1 - i) * HEAD_LINE));
      ctx.strokeStyle = theme.faint;
      ctx.lineWidth = 1;
      ctx.beginPath();
      ctx.moveTo(head.x, -7.5);
      ctx.lineTo(head.x + scene.boxWidth, -7.5);
      ctx.stroke();
    }
  }

  map.paint = { FAMILIES, DASHES, LIGHT, DARK, SANS, draw, drawBox, glyph, lineOf, lines, breaks, fit, headHeight, headLines };
})((globalThis.AccessMap = globalThis.AccessMap || {}));
