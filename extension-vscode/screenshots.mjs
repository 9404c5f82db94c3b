// Makes the pictures of the README from those that `npm run workbench` took: screenshots.mjs
//
// They become PNGs with a palette, a third of the size; a picture that is larger than LARGEST is refused.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { deflateSync, inflateSync, crc32 } from "node:zlib";

/** The picture of the tour, its theme, and its name in `media`. */
const WANTED = [
  ["problems", "light", "problems"],
  ["preview", "dark", "preview"],
  ["blocked", "dark", "policy"],
];
/** In bytes. */
const LARGEST = 120 * 1024;
const COLOURS = 256;
/** The square of a distance between colours that nobody sees. */
const ALIKE = 48;

process.chdir(fileURLToPath(new URL(".", import.meta.url)));
const taken = "out/screenshots/tour";
const all = readdirSync(taken);
for (const [name, theme, out] of WANTED) {
  const file = all.find((one) => one.endsWith(`-${name}-${theme}.png`));
  if (file === undefined) throw new Error(`no picture ${name} in ${taken}: run the workbench's tests first`);
  const small = withPalette(pixels(readFileSync(`${taken}/${file}`)));
  if (small.length > LARGEST) throw new Error(`${file} has ${small.length} bytes, more than ${LARGEST}`);
  writeFileSync(`media/${out}.png`, small);
  console.log(`media/${out}.png: ${small.length} bytes`);
}

/** Width, height and rows of three bytes per pixel of a PNG as Chromium writes it: 8 bits, no alpha or an opaque one, not interlaced. */
function pixels(png) {
  const [width, height, depth, kind] = [png.readUInt32BE(16), png.readUInt32BE(20), png[24], png[25]];
  if (depth !== 8 || (kind !== 2 && kind !== 6)) throw new Error(`a PNG of depth ${depth} and kind ${kind}`);
  const data = [];
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at)) {
    if (png.toString("latin1", at + 4, at + 8) === "IDAT") data.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
  }
  const raw = inflateSync(Buffer.concat(data));
  const size = kind === 2 ? 3 : 4;
  const stride = width * size;
  const rgb = Buffer.alloc(width * height * 3);
  let above = Buffer.alloc(stride);
  for (let y = 0; y < height; y += 1) {
    const filter = raw[y * (stride + 1)];
    const row = raw.subarray(y * (stride + 1) + 1, (y + 1) * (stride + 1));
    for (let x = 0; x < stride; x += 1) {
      const [left, up, corner] = [x < size ? 0 : row[x - size], above[x], x < size ? 0 : above[x - size]];
      row[x] += [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter];
    }
    for (let x = 0; x < width; x += 1) row.copy(rgb, (y * width + x) * 3, x * size, x * size + 3);
    above = row;
  }
  return { width, height, rgb };
}

/** The neighbour that is nearest to their plane (PNG, section 9.4). */
function paeth(left, up, corner) {
  const [a, b, c] = [Math.abs(up - corner), Math.abs(left - corner), Math.abs(left + up - 2 * corner)];
  return a <= b && a <= c ? left : b <= c ? up : corner;
}

/** The picture with the most frequent of its colours that are not alike, every other one as the nearest of them. */
function withPalette({ width, height, rgb }) {
  const counts = new Map();
  const at = (index) => rgb.readUIntBE(index * 3, 3);
  for (let index = 0; index < width * height; index += 1) counts.set(at(index), (counts.get(at(index)) ?? 0) + 1);
  const parts = (colour) => [colour >> 16, (colour >> 8) & 255, colour & 255];
  const distance = (one, other) => parts(one).reduce((sum, part, index) => sum + (part - parts(other)[index]) ** 2, 0);
  const palette = [];
  for (const [colour] of [...counts].sort((one, other) => other[1] - one[1])) {
    if (palette.length < COLOURS && palette.every((other) => distance(colour, other) > ALIKE)) palette.push(colour);
  }
  const nearest = new Map([...counts.keys()].map((colour) => {
    const distances = palette.map((other) => distance(colour, other));
    return [colour, distances.indexOf(Math.min(...distances))];
  }));
  const rows = Buffer.alloc((width + 1) * height);
  for (let index = 0; index < width * height; index += 1) rows[index + 1 + Math.floor(index / width)] = nearest.get(at(index));
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 8, 3, 0, 0, 0]);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", header),
    chunk("PLTE", Buffer.from(palette.flatMap(parts))),
    chunk("IDAT", deflateSync(rows, { level: 9 })),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function chunk(name, data) {
  const body = Buffer.concat([Buffer.from(name, "latin1"), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}
