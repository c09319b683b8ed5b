/* Inflate: gzip for browsers that have no DecompressionStream of their own (RFC 1951 and 1952). */
(function (map) {
  "use strict";

  const LENGTH_BASE = [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195,
    227, 258];
  const LENGTH_EXTRA = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
  const DISTANCE_BASE = [1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073,
    4097, 6145, 8193, 12289, 16385, 24577];
  const DISTANCE_EXTRA = [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13];
  const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

  /** A canonical Huffman code: how many codes of each length, and the symbols in order. */
  function huffman(lengths) {
    const count = new Uint16Array(16);
    for (const length of lengths) count[length] += 1;
    count[0] = 0;
    const start = new Uint16Array(16);
    for (let i = 1; i < 15; i += 1) start[i + 1] = start[i] + count[i];
    const symbols = new Uint16Array(lengths.length);
    lengths.forEach((length, symbol) => { if (length) symbols[start[length]++] = symbol; });
    return { count, symbols };
  }

  const FIXED = [
    huffman(Array.from({ length: 288 }, (_, i) => (i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8))),
    huffman(Array(30).fill(5)),
  ];

  /** The bytes inside a gzip member. */
  function gunzip(bytes) {
    let at = 10;
    const flags = bytes[3];
    if (bytes[0] !== 31 || bytes[1] !== 139 || bytes[2] !== 8 || flags & ~8) throw new Error("not the gzip that was written");
    if (flags & 8) while (bytes[at++]);
    const tail = new DataView(bytes.buffer, bytes.byteOffset + bytes.length - 4, 4);
    const out = new Uint8Array(tail.getUint32(0, true));
    let size = 0;
    let hold = 0;
    let held = 0;

    function bits(n) {
      while (held < n) {
        hold |= bytes[at++] << held;
        held += 8;
      }
      const value = hold & ((1 << n) - 1);
      hold >>>= n;
      held -= n;
      return value;
    }

    function symbol({ count, symbols }) {
      let code = 0;
      let first = 0;
      let index = 0;
      for (let length = 1; length < 16; length += 1) {
        code |= bits(1);
        if (code - count[length] < first) return symbols[index + (code - first)];
        index += count[length];
        first = (first + count[length]) << 1;
        code <<= 1;
      }
      throw new Error("a broken code in the payload");
    }

    function tables() {
      const [literals, distances, codes] = [bits(5) + 257, bits(5) + 1, bits(4) + 4];
      const lengths = new Array(19).fill(0);
      for (let i = 0; i < codes; i += 1) lengths[ORDER[i]] = bits(3);
      const code = huffman(lengths);
      const all = [];
      while (all.length < literals + distances) {
        const next = symbol(code);
        if (next < 16) all.push(next);
        else {
          const value = next === 16 ? all[all.length - 1] : 0;
          for (let n = next === 16 ? 3 + bits(2) : next === 17 ? 3 + bits(3) : 11 + bits(7); n > 0; n -= 1) all.push(value);
        }
      }
      return [huffman(all.slice(0, literals)), huffman(all.slice(literals))];
    }

    for (let last = 0; !last;) {
      last = bits(1);
      const type = bits(2);
      if (type === 0) {
        hold = 0;
        held = 0;
        const length = bytes[at] | (bytes[at + 1] << 8);
        out.set(bytes.subarray(at + 4, at + 4 + length), size);
        size += length;
        at += 4 + length;
        continue;
      }
      const [literal, distance] = type === 1 ? FIXED : tables();
      for (let next = symbol(literal); next !== 256; next = symbol(literal)) {
        if (next < 256) {
          out[size++] = next;
          continue;
        }
        const length = LENGTH_BASE[next - 257] + bits(LENGTH_EXTRA[next - 257]);
        const step = symbol(distance);
        const back = DISTANCE_BASE[step] + bits(DISTANCE_EXTRA[step]);
        for (let i = 0; i < length; i += 1, size += 1) out[size] = out[size - back];
      }
    }
    return out;
  }

  map.gunzip = gunzip;
})((globalThis.AccessMap = globalThis.AccessMap || {}));
