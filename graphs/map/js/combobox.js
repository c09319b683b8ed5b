/* Combobox: a text field that suggests, after the ARIA pattern; works with keyboard, pointer and screen reader. */
(function (map) {
  "use strict";

  const { el } = map.dom;
  const { t } = map.words;
  let serial = 0;

  /**
   * `suggest(text)` gives [{label, hint, lang, glyph, value}]; `choose(value)` is called once; `shown` is the text when
   * nothing is typed. Returns {node, show}.
   */
  function combobox({ label, placeholder = "", suggest, choose, shown = "", className = "" }) {
    const id = `choice-${(serial += 1)}`;
    let current = shown;
    let options = [];
    let active = -1;
    const input = el("input", {
      type: "text", id, role: "combobox", autocomplete: "off", spellcheck: "false", "aria-autocomplete": "list",
      "aria-expanded": "false", "aria-controls": `${id}-list`, placeholder, value: shown,
      oninput: () => open(input.value), onkeydown: key, onfocus: () => { input.select(); },
      onclick: () => { if (list.hidden) open(""); },
      onblur: () => setTimeout(close, 120),
    });
    const list = el("ul", { id: `${id}-list`, role: "listbox", "aria-label": label, hidden: true, class: "choices" });
    const says = el("span", { class: "hidden", role: "status", "aria-live": "polite" });
    const node = el("div", { class: `combobox ${className}` }, el("label", { for: id, class: "field-label", text: label }),
      input, list, says);

    function open(text) {
      options = suggest(text === current ? "" : text);
      active = -1;
      input.removeAttribute("aria-activedescendant");
      list.replaceChildren(...options.map((option, i) => el("li", {
        id: `${id}-${i}`, role: "option", "aria-selected": "false",
        class: option.indent ? "indent" : "", lang: option.lang || null,
        onpointerdown: (event) => { event.preventDefault(); take(i); },
      }, option.mark || null, el("span", { class: "choice-name", text: option.label }),
      option.hint ? el("span", { class: "choice-hint", text: option.hint }) : null)));
      if (!options.length) list.replaceChildren(el("li", { role: "option", "aria-disabled": "true", "aria-selected": "false",
        class: "none", text: t("nothingFound") }));
      list.hidden = false;
      input.setAttribute("aria-expanded", "true");
      says.textContent = options.length ? t("found", { n: options.length }) : t("nothingFound");
    }

    function close() {
      list.hidden = true;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
      input.value = current;
    }

    function take(i) {
      const option = options[i];
      if (!option) return;
      current = option.label;
      close();
      choose(option.value);
    }

    function move(step) {
      if (!options.length) return;
      active = (active + step + options.length) % options.length;
      Array.from(list.children).forEach((item, i) => item.setAttribute("aria-selected", String(i === active)));
      input.setAttribute("aria-activedescendant", `${id}-${active}`);
      list.children[active].scrollIntoView({ block: "nearest" });
    }

    function key(event) {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (list.hidden) open(input.value);
        move(event.key === "ArrowDown" ? 1 : active < 0 ? 0 : -1);
      } else if (event.key === "Enter") {
        if (list.hidden) return;
        event.preventDefault();
        take(active < 0 ? 0 : active);
      } else if (event.key === "Escape" && !list.hidden) {
        event.preventDefault();
        close();
      }
    }

    return { node, input, show: (text) => { current = text; input.value = text; } };
  }

  map.combobox = combobox;
})((globalThis.AccessMap = globalThis.AccessMap || {}));
