/* Story: an author's steps through the map, each a text beside a view. */
(function (map) {
  "use strict";

  const { el, button, put } = map.dom;
  const { t } = map.words;

  /** A text of the story in the language chosen; authors may write one text, or one a language. */
  function said(text) {
    if (text && typeof text === "object") return text[map.words.language()] || text.en || Object.values(text)[0] || "";
    return text || "";
  }

  /** The bar with the step's text, and the buttons that lead on. */
  function render(host, story, state, app) {
    const at = Number.parseInt(state.step, 10);
    host.hidden = !story || !story.steps.length;
    if (host.hidden) return;
    host.setAttribute("aria-label", t("story"));
    if (!(at >= 1 && at <= story.steps.length)) {
      put(host, el("div", { class: "story-text" }, el("h2", { text: said(story.title) || t("story") })),
        button(t("storyStart"), () => go(story, 1, app), { class: "strong" }));
      return;
    }
    const step = story.steps[at - 1];
    put(host,
      el("div", { class: "story-text", "aria-live": "polite" }, el("h2", { text: said(step.title) }),
        said(step.text).split(/\n\s*\n/).filter(Boolean).map((part) => el("p", { text: part }))),
      el("div", { class: "story-bar" },
        button(t("storyBack"), () => go(story, at - 1, app), { disabled: at === 1 }),
        el("span", { class: "soft", text: t("storyStep", { n: at, total: story.steps.length }) }),
        button(t("storyOn"), () => go(story, at + 1, app), { disabled: at === story.steps.length, class: "strong" }),
        button(t("storyLeave"), () => app.set({ step: "" }))));
  }

  function go(story, at, app) {
    const step = story.steps[at - 1];
    if (step) app.show({ ...map.link.parse(step.view || ""), step: String(at) });
  }

  map.story = { render };
})((globalThis.AccessMap = globalThis.AccessMap || {}));
