/* Work: what takes long is done in slices, so that the page stays alive, says how far it is, and can be stopped. */
(function (map) {
  "use strict";

  const FIRST = 60; // ms in one go, before anything is said
  const SLICE = 40; // ms at a time after that
  const SMALL = 6000; // arcs up to which no answer takes long
  const TELL = 900; // ms between two reports, for those who hear them

  /** Advance a generator for some time; true once it is done. */
  function advance(job, ms) {
    const until = performance.now() + ms;
    while (!job.done && performance.now() < until) {
      const step = job.work.next();
      if (step.done) {
        job.done = true;
        job.value = step.value;
      } else job.at = step.value;
    }
    return job.done;
  }

  /**
   * Start a generator: `{done, value, at, stopped, stop(), told}`. What is not done at once goes on by itself; then
   * `ended(job)` is called when it is done or stopped, also by an `error`, and `told(job)`, where set, from time to time.
   */
  function start(work, ended, first = FIRST) {
    const job = { work, done: false, stopped: false, error: null, value: null, at: null, told: null };
    job.stop = (quietly = false) => {
      if (job.done || job.stopped) return;
      job.stopped = true;
      if (!quietly) ended(job);
    };
    if (advance(job, first)) return job;
    let last = 0;
    const go = () => {
      if (job.stopped) return;
      try {
        advance(job, SLICE);
      } catch (error) {
        Object.assign(job, { stopped: true, error });
        ended(job);
        throw error;
      }
      if (job.done) {
        ended(job);
        return;
      }
      if (job.told && performance.now() - last > TELL) {
        last = performance.now();
        job.told(job);
      }
      setTimeout(go, 0);
    };
    setTimeout(go, 0);
    return job;
  }

  /** The same as a promise of its value. */
  function all(work) {
    return new Promise((resolve, reject) => {
      const job = start(work, ({ error, value }) => (error ? reject(error) : resolve(value)));
      if (job.done) resolve(job.value);
    });
  }

  /** How long an answer may take in one go: on a small map as long as it does, so that nothing flickers. */
  const patience = (model) => (model.arcs.source.length > SMALL ? FIRST : Infinity);

  map.work = { start, all, patience };
})((globalThis.AccessMap = globalThis.AccessMap || {}));
