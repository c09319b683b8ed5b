/* Dates: partial dates as in the data, days as ordinals of the proleptic Gregorian calendar (1 is 0001-01-01). */
(function (map) {
  "use strict";

  const PARTIAL = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$/;
  const EPOCH = 719163; // ordinal of 1970-01-01
  const DAY = 86400000;

  function ordinal(year, month, day) {
    const date = new Date(0);
    date.setUTCFullYear(year, month - 1, day);
    return Math.round(date.getTime() / DAY) + EPOCH;
  }

  function parts(text) {
    const match = PARTIAL.exec(text);
    if (!match) return null;
    const [year, month, day] = [Number(match[1]), Number(match[2] || 0), Number(match[3] || 0)];
    const length = month ? new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate() : 0;
    const good = year > 0 && (!match[2] || (month > 0 && month < 13)) && (!match[3] || (day > 0 && day <= length));
    return good ? { year, month, day, length } : null;
  }

  /** First day of the period that a partial date names; 0 for no date. */
  function firstDay(text) {
    const p = parts(text);
    return p ? ordinal(p.year, p.month || 1, p.day || 1) : 0;
  }

  /** Last day of the period that a partial date names; 0 for no date. */
  function lastDay(text) {
    const p = parts(text);
    if (!p) return 0;
    return ordinal(p.year, p.month || 12, p.day || (p.month ? p.length : 31));
  }

  function iso(day) {
    return new Date((day - EPOCH) * DAY).toISOString().slice(0, 10);
  }

  map.dates = { firstDay, lastDay, iso };
})((globalThis.AccessMap = globalThis.AccessMap || {}));
