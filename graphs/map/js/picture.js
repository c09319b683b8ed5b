/* Picture: the current scene in vis-network, which keeps the canvas, its zoom and its pointer. */
(function (map) {
  "use strict";

  /** A picture in a container. `choose(kind, item)` is called with what was clicked: "box", "link" or "none". */
  function picture(container, options, choose) {
    const nodes = new vis.DataSet();
    const edges = new vis.DataSet();
    let scene = null;
    let width = container.clientWidth; // asking for it anew would lay out the whole page each time
    let lit = null;
    let hovered = null;
    let selected = null;
    const network = new vis.Network(container, { nodes, edges }, options);
    // The picture has nothing for a keyboard, which finds all of it in the table: no stop on the way there.
    for (const node of container.querySelectorAll("[tabindex]")) node.removeAttribute("tabindex");
    let paper = false;
    const theme = () => (map.theme.dark() && !paper ? map.paint.DARK : map.paint.LIGHT);

    function stateOf(kind, item) {
      if (kind === "box" && item.id === selected) return "selected";
      if (!lit) return "plain";
      const on = kind === "box" ? lit.boxes.has(item.id) : lit.links.has(item.id);
      return on ? (kind === "box" ? "plain" : "lit") : "dim";
    }

    network.on("beforeDrawing", (ctx) => {
      if (!scene) return;
      map.paint.draw(ctx, scene, theme(), stateOf);
    });
    network.on("hoverNode", ({ node }) => hover(node));
    network.on("blurNode", () => hover(null));
    network.on("click", ({ nodes: hit, pointer }) => {
      if (!scene) return;
      if (hit.length) {
        choose("box", boxOf(hit[0]));
        return;
      }
      const { x, y } = pointer.canvas;
      const near = scene.links.map((link) => [map.scene.distance(link.curve, x, y), link]).sort((a, b) => a[0] - b[0])[0];
      if (near && near[0] < 7) choose("link", near[1]);
      else choose("none", null);
    });
    container.addEventListener("wheel", (event) => {
      // Without a key the wheel scrolls the page, with one it zooms, as in maps.
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      zoom(event.deltaY < 0 ? 1.15 : 1 / 1.15);
    }, { passive: false });

    const boxOf = (id) => scene.boxes.find((box) => box.id === id);

    function hover(id) {
      hovered = id;
      container.style.cursor = id === null ? "" : "pointer";
      light();
    }

    /** Light up what belongs to the box under the pointer, else to what is selected. */
    function light() {
      const about = hovered !== null ? hovered : selected;
      lit = about !== null && scene ? scene.around(about) : null;
      network.redraw();
    }

    function renderer({ ctx, id }) {
      const box = scene && boxOf(id);
      return {
        drawNode() { if (box) map.paint.drawBox(ctx, box, theme(), stateOf("box", box)); },
        nodeDimensions: { width: box ? box.width : 1, height: box ? box.height : 1 },
      };
    }

    function show(next, chosen) {
      scene = next;
      selected = chosen === undefined || chosen === null || !next.boxes.some((box) => box.id === chosen) ? null : chosen;
      hovered = null;
      // The height first: the network measures its frame when it draws.
      const scale = fitting();
      // In steps, for each new height lays out the page once more.
      const height = `${Math.ceil(Math.max((scene.height + scene.head + 36) * scale, 220) / 40) * 40}px`;
      if (height !== container.style.height) {
        container.style.height = height;
        network.setSize("100%", height);
      }
      nodes.clear();
      edges.clear();
      nodes.add(scene.boxes.map((box) => ({ id: box.id, x: box.x, y: box.y, shape: "custom", ctxRenderer: renderer })));
      edges.add(scene.links.map((link) => ({ id: link.id, from: link.from, to: link.to, hidden: true })));
      fit();
      light();
    }

    // A page in a frame that is not shown yet has no width; the network refuses a scale below zero.
    const fitting = () => Math.min(1.15, Math.max(width - scene.pad * 2, 1) / (scene.width + scene.outset));

    function fit() {
      if (!scene) return;
      network.moveTo({
        position: { x: (scene.width - scene.outset) / 2, y: (scene.height - scene.head) / 2 }, scale: fitting(), animation: false,
      });
      network.redraw();
    }

    function zoom(factor) {
      const scale = Math.min(Math.max(network.getScale() * factor, 0.2), 4);
      network.moveTo({ scale, animation: false });
    }

    new ResizeObserver(() => {
      if (!scene || Math.abs(container.clientWidth - width) < 2) return;
      width = container.clientWidth;
      map.app.draw();
    }).observe(container);

    return {
      show, fit, zoom, redraw: () => network.redraw(), width: () => width,
      scene: () => scene, lit: () => lit, stateOf, network,
      onPaper(yes) {
        paper = yes;
        network.redraw();
      },
    };
  }

  map.picture = picture;
})((globalThis.AccessMap = globalThis.AccessMap || {}));
