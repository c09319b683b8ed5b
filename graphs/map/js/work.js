/* Work: what takes long is done in slices, so that the page stays alive, says how far it is, and can be stopped. */
(function (map) {
  "use strict";

  const FIRST = 120; // ms in one go, before anything is said
  const SLICE = 40; // ms at a time after that
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
   * `ended(job)` is called when it is done or stopped, and `told(job)`, where set, from time to time.
   */
  function start(work, ended) {
    const job = { work, done: false, stopped: false, value: null, at: null, told: null };
    job.stop = (quietly = false) => {
      if (job.done || job.stopped) return;
      job.stopped = true;
      if (!quietly) ended(job);
    };
    if (advance(job, FIRST)) return job;
    let last = 0;
    const go = () => {
      if (job.stopped) return;
      if (advance(job, SLICE)) {
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

  map.work = { start };
})((globalThis.AccessMap = globalThis.AccessMap || {}));
