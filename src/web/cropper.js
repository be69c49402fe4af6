// The photo cropper. The picture is only looked at here: the form brings the original file and where to cut it, in
// pixels of the rotated picture; the server cuts.
(() => {
  "use strict";
  const $ = (id) => document.getElementById("cr-" + id);
  const taken = $("taken");
  if (taken) {
    // Whoever embeds the page is told, and nobody else.
    const around = location.ancestorOrigins;
    for (const origin of taken.dataset.origins.split(" "))
      if (parent !== window && (!around || around[0] === origin))
        parent.postMessage({ sealpress: "photo", state: "taken" }, origin);
    return;
  }
  const form = $("form"), file = $("file"), stage = $("stage"), live = $("live"), use = $("use");
  if (!file || !window.createImageBitmap) return;
  const on = (what, types, act, how) => types.split(" ").forEach((type) => what.addEventListener(type, act, how));
  const { abs, floor, round } = Math;
  const make = (tag) => document.createElement(tag);
  const WIDTH = 413, HEIGHT = 579, SHAPE = HEIGHT / WIDTH, LEAST = 295, VIEW = 4096, RADIAN = Math.PI / 180;
  const words = {};
  for (const li of $("words").children) words[li.dataset.key] = [li.firstChild.textContent, li.lastChild.textContent];
  const fill = (text, values) => text.replace(/\{(\w)\}/g, (whole, name) => values[name]);
  const say = (key, values = {}) => fill(words[key][1], values);
  let photo = null, at = null, rest = 0, frame = 0;

  // --- messages ---

  // Beside the stage once there is one: nothing may move below a finger.
  const slot = () => $($("work").hidden ? "say" : "note");
  function tell(tone, key, values) {
    const [title, text] = [words[key][0], say(key, values)];
    if (slot().textContent === title + text) return;
    const box = make("div"), p = make("p");
    for (const [tag, part] of [["b", title], ["span", text]]) p.appendChild(make(tag)).textContent = part;
    box.className = "cr-msg " + tone;
    box.setAttribute("role", tone === "bad" ? "alert" : "status");
    box.append($("icons").children[tone === "bad" ? 0 : 1].cloneNode(true), p);
    slot().replaceChildren(box);
  }
  const hush = () => ["say", "note"].forEach((id) => $(id).replaceChildren());
  function announce(text) {
    clearTimeout(rest);
    rest = setTimeout(() => { live.textContent = text; }, 500);
  }

  // --- a file: what its head says, before anything is decoded ---

  function jpegHead(b) {
    const head = { type: "JPG" };
    for (let i = 2; i + 9 < b.length;) {
      const mark = b[i + 1];
      if (b[i] !== 0xff) return null;
      if (mark === 0xff) { i++; continue; }
      if (mark === 0xda) {
        let end = i;
        do end = b.indexOf(0xd9, end + 1); while (end > 0 && b[end - 1] !== 0xff);
        return end > 0 && head.w ? head : null;
      }
      // SOF0 to SOF15, of which three are other things
      if (mark >> 4 === 12 && (mark % 4 || mark === 0xc0)) {
        head.h = b[i + 5] * 256 + b[i + 6];
        head.w = b[i + 7] * 256 + b[i + 8];
        head.steps = mark > 0xc1;
      }
      i += 2 + b[i + 2] * 256 + b[i + 3];
    }
    return null;
  }
  function pngHead(b) {
    const view = new DataView(b.buffer);
    if (b.length < 33) return null;
    const head = { type: "PNG", w: view.getUint32(16), h: view.getUint32(20), steps: b[28] !== 0 };
    for (let i = 8; i + 12 <= b.length; i += 12 + view.getUint32(i))
      if (view.getUint32(i + 4) === 0x49454e44) return head;
    return null;
  }
  const upright = (w, h) => w >= LEAST && h >= LEAST * 1.4;

  // The photo, or [message, values].
  async function read(chosen) {
    if (chosen.size > 10485760) return ["heavy", { x: Math.ceil(chosen.size / 104857.6) / 10 }];
    const b = new Uint8Array(await chosen.arrayBuffer());
    const start = String.fromCharCode(...b.subarray(0, 4)), jpeg = start.startsWith("\xff\xd8\xff");
    if (!jpeg && start !== "\x89PNG") return ["format"];
    const head = jpeg ? jpegHead(b) : pngHead(b);
    if (!head) return ["cut"];
    const most = head.steps ? 16 : 40;
    if (head.w * head.h > most * 1e6) return ["many", { m: most, n: most * 100 }];
    // turned as its EXIF orientation says; fails where it is broken
    const bitmap = await createImageBitmap(chosen);
    const w = bitmap.width, h = bitmap.height;
    if (!upright(w, h) && !upright(h, w)) return ["small", { w, h }];
    const f = Math.min(1, VIEW / Math.max(w, h)), view = make("canvas");
    view.width = round(w * f);
    view.height = round(h * f);
    const pen = view.getContext("2d");
    pen.imageSmoothingQuality = "high";
    pen.drawImage(bitmap, 0, 0, view.width, view.height);
    bitmap.close();
    return { file: chosen, type: head.type, w, h, view };
  }

  // --- where the frame stands: (u, v) is its centre, counted from the picture's, before it is turned ---

  const within = (x, most) => (most > 0 ? Math.max(-most, Math.min(most, x)) : 0);
  const angle = () => at.turn * 90 + at.fine;
  const cos = () => Math.cos(angle() * RADIAN), sin = () => Math.sin(angle() * RADIAN);
  // How wide the largest frame is at this angle, in pixels of the picture: 100 %.
  function widest() {
    const c = abs(cos()), s = abs(sin());
    return WIDTH * Math.min(photo.w / (WIDTH * c + HEIGHT * s), photo.h / (WIDTH * s + HEIGHT * c));
  }
  const limit = () => Math.max(1, Math.min(4, widest() / LEAST));
  const wide = () => widest() / at.zoom;
  const scale = () => $("frame").clientWidth / wide();
  function under(p) {
    const k = scale(), c = cos(), s = sin();
    return [at.u + (p.x * c + p.y * s) / k, at.v + (p.y * c - p.x * s) / k];
  }
  // What is seen at `from` goes to `to` (screen pixels from the frame's centre) while something else changes.
  function change(from, to, what) {
    const [u, v] = under(from), max = what ? (what(), limit()) : limit(), wanted = at.zoom;
    at.zoom = Math.max(1, Math.min(at.zoom, max));
    const k = scale(), c = cos(), s = sin(), w = wide() / 2, h = w * SHAPE;
    at.u = within(u - (to.x * c + to.y * s) / k, photo.w / 2 - w * abs(c) - h * abs(s));
    at.v = within(v - (to.y * c - to.x * s) / k, photo.h / 2 - w * abs(s) - h * abs(c));
    judge(wanted, max);
    redraw();
    announce(say("state", { z: percent(), a: degrees(((angle() + 540) % 360) - 180) }));
  }
  const CENTRE = { x: 0, y: 0 };
  const zoomTo = (zoom, p = CENTRE) => change(p, p, () => { at.zoom = zoom; });
  const zoomBy = (step) => zoomTo(at.zoom + step);
  const fineTo = (fine) => change(CENTRE, CENTRE, () => { at.fine = within(round(fine * 2) / 2, 15); });
  const turnBy = (quarters) => change(CENTRE, CENTRE, () => { at.turn = (at.turn + quarters + 4) % 4; });
  const moveBy = (x, y) => change(CENTRE, { x, y });
  function reset() {
    at = { u: 0, v: 0, zoom: 1, turn: photo.turn, fine: 0 };
    change(CENTRE, CENTRE);
  }
  const changed = () => photo && (at.u || at.v || at.zoom !== 1 || at.turn !== photo.turn || at.fine);
  const percent = () => round(at.zoom * 100);
  const degrees = (a) => (a < 0 ? "−" : "") + abs(a);

  function judge(wanted, max) {
    const size = (w) => ({ w: floor(w + 1e-6), h: floor(w * 1.4 + 1e-6) }), w = wide();
    const bad = w < LEAST - 1e-6 || (at.turn % 2 ? !upright(photo.h, photo.w) : !upright(photo.w, photo.h));
    if (bad) tell("bad", "turned", size(w));
    else if (wanted > max + 0.001 && max < 4) tell("bad", "zoomed", { ...size(widest() / wanted), p: floor(max * 100 + 0.001) });
    else if (w < WIDTH - 0.5) tell("warn", "blurry", { w: photo.w, h: photo.h });
    else hush();
    use.disabled = bad;
    $("sharp").className = w < WIDTH - 0.5 ? "warn" : "ok";
    $("sharp").lastChild.textContent = say("pixels", size(w));
  }

  // --- drawing ---

  function paint(canvas, width, height, x, y, k) {
    const ratio = devicePixelRatio, pen = canvas.getContext("2d");
    const w = round(width * ratio), h = round(height * ratio);
    if (canvas.width !== w) canvas.width = w;
    if (canvas.height !== h) canvas.height = h;
    pen.resetTransform();
    pen.clearRect(0, 0, w, h);
    pen.translate(x * w, y * h);
    pen.scale(k * w / width, k * w / width);
    pen.rotate(angle() * RADIAN);
    pen.translate(-at.u - photo.w / 2, -at.v - photo.h / 2);
    pen.imageSmoothingQuality = "high";
    pen.drawImage(photo.view, 0, 0, photo.w, photo.h);
  }
  function draw() {
    const box = stage.getBoundingClientRect(), hole = $("frame").getBoundingClientRect();
    frame = 0;
    if (!photo || !box.width) return;
    const x = hole.left + hole.width / 2 - box.left, y = hole.top + hole.height / 2 - box.top;
    paint($("view"), box.width, box.height, x / box.width, y / box.height, scale());
    for (const id of ["real", "small"]) {
      const w = $(id).clientWidth;
      paint($(id), w, w * SHAPE, 0.5, 0.5, w / wide());
    }
    for (const [id, out, value, text] of [["zoom", "z", percent(), percent() + "%"], ["angle", "a", at.fine, degrees(at.fine) + "°"]]) {
      $(id).value = value;
      $(id).setAttribute("aria-valuetext", text);
      $(out).textContent = text;
    }
  }
  function redraw() {
    if (!frame) frame = requestAnimationFrame(draw);
  }

  // --- choosing ---

  function hold(chosen = photo?.file) {
    const list = new DataTransfer();
    if (chosen) list.items.add(chosen);
    file.files = list.files;
  }
  const step = (work) => { $("work").hidden = !($("pick").hidden = work); };
  async function open(chosen) {
    const found = await read(chosen).catch(() => ["cut"]);
    // another one was chosen meanwhile
    if (chosen !== file.files[0]) return;
    if (found[0]) {
      hold();
      hush();
      tell("bad", ...found);
      slot().scrollIntoView({ block: "nearest" });
      return;
    }
    photo = found;
    // lying on its side it would be too low
    photo.turn = upright(photo.w, photo.h) ? 0 : 1;
    $("type").lastChild.textContent = say("file", { t: photo.type, x: chosen.size < 1e6 ? round(chosen.size / 1e3) + " KB" : (chosen.size / 1e6).toFixed(1) + " MB" });
    hush();
    step(true);
    reset();
    announce(say("opened", { w: photo.w, h: photo.h }));
    stage.focus();
  }
  on(file, "change", () => {
    if (file.files[0]) open(file.files[0]);
    else hold();
  });
  for (const place of [$("drop"), stage]) {
    on(place, "dragover", (e) => e.preventDefault());
    on(place, "drop", (e) => {
      e.preventDefault();
      const [dropped] = e.dataTransfer.files;
      if (!dropped) return;
      hold(dropped);
      open(file.files[0]);
    });
  }
  $("send").hidden = true;
  if ($("say").firstChild) $("say").focus();
  // kept by the browser on the way back
  if (file.files[0]) open(file.files[0]);

  // --- fingers, mouse, wheel ---

  const fingers = new Map();
  let spin = 0;
  function spot(e) {
    const hole = $("frame").getBoundingClientRect();
    return { x: e.clientX - hole.left - hole.width / 2, y: e.clientY - hole.top - hole.height / 2 };
  }
  function hand() {
    const [a, b = a] = fingers.values();
    return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, apart: Math.hypot(b.x - a.x, b.y - a.y), way: Math.atan2(b.y - a.y, b.x - a.x) };
  }
  on(stage, "pointerdown", (e) => {
    if (!photo || e.button > 0 || fingers.size > 1) return;
    stage.setPointerCapture(e.pointerId);
    fingers.set(e.pointerId, spot(e));
    spin = at.fine;
  });
  on(stage, "pointermove", (e) => {
    if (!fingers.has(e.pointerId)) return;
    const old = hand();
    fingers.set(e.pointerId, spot(e));
    const now = hand();
    change(old, now, fingers.size < 2 || !old.apart ? null : () => {
      at.zoom *= now.apart / old.apart;
      spin = within(spin + (((now.way - old.way) / RADIAN + 540) % 360) - 180, 15);
      at.fine = round(spin * 2) / 2;
    });
  });
  on(stage, "pointerup pointercancel lostpointercapture", (e) => fingers.delete(e.pointerId));
  on(stage, "wheel", (e) => {
    e.preventDefault();
    zoomTo(at.zoom * Math.exp(-e.deltaY * (e.deltaMode ? 0.025 : e.ctrlKey ? 0.01 : 0.0015)), spot(e));
  }, { passive: false });

  // --- keys and controls ---

  on(stage, "keydown", (e) => {
    const far = $("frame").clientWidth * (e.shiftKey ? 0.05 : 0.005);
    const keys = {
      ArrowLeft: () => moveBy(-far, 0), ArrowRight: () => moveBy(far, 0), ArrowUp: () => moveBy(0, -far), ArrowDown: () => moveBy(0, far),
      "+": () => zoomBy(0.02), "-": () => zoomBy(-0.02), "[": () => fineTo(at.fine - 0.5), "]": () => fineTo(at.fine + 0.5),
      "{": () => turnBy(-1), "}": () => turnBy(1), "0": reset,
    };
    const act = keys[{ "=": "+", _: "-" }[e.key] || e.key];
    if (!act || e.ctrlKey || e.metaKey || e.altKey) return;
    e.preventDefault();
    act();
  });
  on($("zoom"), "input", (e) => zoomTo(e.target.value / 100));
  on($("angle"), "input", (e) => fineTo(+e.target.value));
  const clicks = { in: () => zoomBy(0.1), out: () => zoomBy(-0.1), left: () => turnBy(-1), right: () => turnBy(1), other: () => file.click() };
  for (const id in clicks) on($(id), "click", clicks[id]);
  new ResizeObserver(redraw).observe(stage);

  // --- leaving ---

  const ask = $("ask"), back = $("back");
  function leave() {
    if (back) location = back.href;
    else if (photo) {
      photo = null;
      hold(null);
      hush();
      step(false);
      file.focus();
    }
  }
  function cancel(e) {
    e.preventDefault();
    if (changed()) ask.showModal();
    else leave();
  }
  if (back) on(back, "click", cancel);
  on(document, "keydown", (e) => {
    if (e.key === "Escape" && !ask.open && photo) cancel(e);
  });
  on(ask, "close", () => {
    if (ask.returnValue === "leave") leave();
    else stage.focus();
  });
  on(form, "submit", (e) => {
    if (!photo || use.disabled) {
      e.preventDefault();
      return;
    }
    const w = wide(), h = w * SHAPE, c = cos(), s = sin();
    const around = [photo.w * abs(c) + photo.h * abs(s), photo.w * abs(s) + photo.h * abs(c)];
    const values = { x: around[0] / 2 + at.u * c - at.v * s - w / 2, y: around[1] / 2 + at.u * s + at.v * c - h / 2, width: w, height: h, rotate: angle() };
    for (const name in values) form.elements[name].value = values[name].toFixed(3);
    live.textContent = say("sending");
    setTimeout(() => { use.disabled = true; });
  });
  on(window, "pageshow", () => { use.disabled = false; });
})();
