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
  const form = $("form"), file = $("file"), stage = $("stage"), live = $("live");
  if (!form || !file || !window.createImageBitmap) return;
  const WIDTH = 413, HEIGHT = 579, LEAST = 295, VIEW = 4096, RADIAN = Math.PI / 180;
  const words = {};
  for (const li of $("words").children) words[li.dataset.key] = [li.firstChild.textContent, li.lastChild.textContent];
  const fill = (text, values) => text.replace(/\{(\w)\}/g, (whole, name) => values[name]);
  const say = (key, values) => fill(words[key][1], values);
  let photo = null, at = null, rest = 0, frame = 0, shown = "";

  // --- messages ---

  // Beside the stage once there is one: nothing may move below a finger.
  const slot = () => $($("work").hidden ? "say" : "note");
  function tell(tone, key, values = {}) {
    const [title, text] = [words[key][0], say(key, values)];
    if (shown === title + text) return;
    const box = document.createElement("div"), p = document.createElement("p");
    for (const [tag, part] of [["b", title], ["span", text]]) p.appendChild(document.createElement(tag)).textContent = part;
    box.className = "cr-msg " + tone;
    box.setAttribute("role", tone === "bad" ? "alert" : "status");
    box.append($("icons").children[tone === "bad" ? 0 : 1].cloneNode(true), p);
    slot().replaceChildren(box);
    shown = title + text;
  }
  function hush() {
    shown = "";
    $("say").replaceChildren();
    $("note").replaceChildren();
  }
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
      if (mark >= 0xc0 && mark <= 0xcf && mark !== 0xc4 && mark !== 0xc8 && mark !== 0xcc) {
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
  const starts = (b, ...bytes) => bytes.every((byte, i) => b[i] === byte);
  const upright = (w, h) => w >= LEAST && h >= LEAST * 1.4;

  // The photo, or [message, values].
  async function read(chosen) {
    if (chosen.size > 10485760) return ["heavy", { x: Math.ceil(chosen.size / 104857.6) / 10 }];
    const b = new Uint8Array(await chosen.arrayBuffer());
    const jpeg = starts(b, 0xff, 0xd8, 0xff);
    if (!jpeg && !starts(b, 0x89, 0x50, 0x4e, 0x47)) return ["format", {}];
    const head = jpeg ? jpegHead(b) : pngHead(b);
    if (!head) return ["cut", {}];
    const most = head.steps ? 16 : 40;
    if (head.w * head.h > most * 1e6) return ["many", { m: most, n: most * 100 }];
    let bitmap;
    try {
      bitmap = await createImageBitmap(chosen); // turned as its EXIF orientation says
    } catch {
      return ["cut", {}];
    }
    const w = bitmap.width, h = bitmap.height;
    if (!upright(w, h) && !upright(h, w)) return ["small", { w, h }];
    const f = Math.min(1, VIEW / Math.max(w, h)), view = document.createElement("canvas");
    view.width = Math.round(w * f);
    view.height = Math.round(h * f);
    const pen = view.getContext("2d");
    pen.imageSmoothingQuality = "high";
    pen.drawImage(bitmap, 0, 0, view.width, view.height);
    bitmap.close();
    return { file: chosen, type: head.type, w, h, view };
  }

  // --- where the frame stands: (u, v) is its centre, counted from the picture's, before it is turned ---

  const angle = () => at.turn * 90 + at.fine;
  const cos = () => Math.cos(angle() * RADIAN), sin = () => Math.sin(angle() * RADIAN);
  // How wide the largest frame is at this angle, in pixels of the picture: 100 %.
  function widest() {
    const c = Math.abs(cos()), s = Math.abs(sin());
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
    const k = scale(), c = cos(), s = sin(), w = wide() / 2, h = w * HEIGHT / WIDTH;
    const half = [photo.w / 2 - w * Math.abs(c) - h * Math.abs(s), photo.h / 2 - w * Math.abs(s) - h * Math.abs(c)];
    const keep = (x, most) => Math.max(-Math.max(most, 0), Math.min(x, Math.max(most, 0)));
    at.u = keep(u - (to.x * c + to.y * s) / k, half[0]);
    at.v = keep(v - (to.y * c - to.x * s) / k, half[1]);
    judge(wanted, max);
    redraw();
    announce(say("state", { z: percent(), a: degrees(((angle() + 540) % 360) - 180) }));
  }
  const CENTRE = { x: 0, y: 0 };
  const zoomTo = (zoom, p = CENTRE) => change(p, p, () => { at.zoom = zoom; });
  const fineTo = (fine) => change(CENTRE, CENTRE, () => { at.fine = Math.max(-15, Math.min(15, Math.round(fine * 2) / 2)); });
  const turnBy = (quarters) => change(CENTRE, CENTRE, () => { at.turn = (at.turn + quarters + 4) % 4; });
  const moveBy = (x, y) => change(CENTRE, { x, y });
  function reset() {
    at = { u: 0, v: 0, zoom: 1, turn: photo.turn, fine: 0 };
    change(CENTRE, CENTRE);
  }
  const changed = () => photo && (at.u || at.v || at.zoom !== 1 || at.turn !== photo.turn || at.fine);
  const percent = () => Math.round(at.zoom * 100);
  const degrees = (a) => (a < 0 ? "−" : "") + Math.abs(a);

  function judge(wanted, max) {
    const size = (w) => ({ w: Math.floor(w + 1e-6), h: Math.floor(w * 1.4 + 1e-6) }), w = wide();
    const bad = w < LEAST - 1e-6 || (at.turn % 2 ? !upright(photo.h, photo.w) : !upright(photo.w, photo.h));
    if (bad) tell("bad", "turned", size(w));
    else if (wanted > max + 0.001 && max < 4) tell("bad", "zoomed", { ...size(widest() / wanted), p: Math.floor(max * 100 + 0.001) });
    else if (w < WIDTH - 0.5) tell("warn", "blurry", { w: photo.w, h: photo.h });
    else hush();
    $("use").disabled = bad;
    $("sharp").className = w < WIDTH - 0.5 ? "warn" : "ok";
    $("sharp").lastChild.textContent = say("pixels", size(w));
  }

  // --- drawing ---

  function paint(canvas, width, height, x, y, k) {
    const ratio = window.devicePixelRatio || 1, pen = canvas.getContext("2d");
    const w = Math.round(width * ratio), h = Math.round(height * ratio);
    if (canvas.width !== w || canvas.height !== h) {
      canvas.width = w;
      canvas.height = h;
    }
    pen.setTransform(1, 0, 0, 1, 0, 0);
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
    const x = hole.left + hole.width / 2 - box.left - stage.clientLeft;
    const y = hole.top + hole.height / 2 - box.top - stage.clientTop;
    paint($("view"), stage.clientWidth, stage.clientHeight, x / stage.clientWidth, y / stage.clientHeight, scale());
    for (const id of ["real", "small"]) {
      const w = $(id).clientWidth;
      paint($(id), w, w * HEIGHT / WIDTH, 0.5, 0.5, w / wide());
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

  function hold(chosen) {
    const list = new DataTransfer();
    if (chosen) list.items.add(chosen);
    file.files = list.files;
  }
  function step(work) {
    $("work").hidden = !work;
    $("pick").hidden = work;
  }
  async function open(chosen) {
    const found = await read(chosen).catch(() => ["cut", {}]);
    if (chosen !== file.files[0]) return; // another one was chosen meanwhile
    if (Array.isArray(found)) {
      hold(photo && photo.file);
      shown = "";
      tell("bad", ...found);
      slot().scrollIntoView({ block: "nearest" });
      return;
    }
    photo = found;
    photo.turn = upright(photo.w, photo.h) ? 0 : 1; // lying on its side it would be too low
    $("type").lastChild.textContent = say("file", { t: photo.type, x: chosen.size < 1e6 ? Math.round(chosen.size / 1e3) + " KB" : (chosen.size / 1e6).toFixed(1) + " MB" });
    hush();
    step(true);
    reset();
    announce(say("opened", { w: photo.w, h: photo.h }));
    stage.focus({ preventScroll: true });
  }
  file.addEventListener("change", () => {
    if (file.files[0]) open(file.files[0]);
    else hold(photo && photo.file);
  });
  $("other").addEventListener("click", () => file.click());
  for (const place of [$("drop"), stage]) {
    place.addEventListener("dragover", (e) => e.preventDefault());
    place.addEventListener("drop", (e) => {
      e.preventDefault();
      if (!e.dataTransfer.files[0]) return;
      hold(e.dataTransfer.files[0]);
      open(file.files[0]);
    });
  }
  $("send").hidden = true;
  if (file.files[0]) open(file.files[0]); // kept by the browser on the way back

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
  stage.addEventListener("pointerdown", (e) => {
    if (!photo || e.button > 0 || fingers.size > 1) return;
    stage.setPointerCapture(e.pointerId);
    fingers.set(e.pointerId, spot(e));
    spin = at.fine;
  });
  stage.addEventListener("pointermove", (e) => {
    if (!fingers.has(e.pointerId)) return;
    const old = hand();
    fingers.set(e.pointerId, spot(e));
    const now = hand();
    change(old, now, fingers.size < 2 || !old.apart ? null : () => {
      const turned = Math.atan2(Math.sin(now.way - old.way), Math.cos(now.way - old.way)) / RADIAN;
      at.zoom *= now.apart / old.apart;
      spin = Math.max(-15, Math.min(15, spin + turned));
      at.fine = Math.round(spin * 2) / 2;
    });
  });
  for (const end of ["pointerup", "pointercancel", "lostpointercapture"])
    stage.addEventListener(end, (e) => fingers.delete(e.pointerId));
  stage.addEventListener("wheel", (e) => {
    e.preventDefault();
    const lines = e.deltaMode === 1 ? 16 : e.deltaMode === 2 ? 400 : 1;
    zoomTo(at.zoom * Math.exp(-e.deltaY * lines * (e.ctrlKey ? 0.01 : 0.0015)), spot(e));
  }, { passive: false });

  // --- keys and controls ---

  stage.addEventListener("keydown", (e) => {
    const far = $("frame").clientWidth * (e.shiftKey ? 0.05 : 0.005);
    const keys = {
      ArrowLeft: () => moveBy(-far, 0), ArrowRight: () => moveBy(far, 0), ArrowUp: () => moveBy(0, -far), ArrowDown: () => moveBy(0, far),
      "+": () => zoomTo(at.zoom + 0.02), "=": () => zoomTo(at.zoom + 0.02), "-": () => zoomTo(at.zoom - 0.02), "_": () => zoomTo(at.zoom - 0.02),
      "[": () => fineTo(at.fine - 0.5), "]": () => fineTo(at.fine + 0.5), "{": () => turnBy(-1), "}": () => turnBy(1), "0": reset,
    };
    if (!keys[e.key] || e.ctrlKey || e.metaKey || e.altKey) return;
    e.preventDefault();
    keys[e.key]();
  });
  $("zoom").addEventListener("input", (e) => zoomTo(e.target.value / 100));
  $("angle").addEventListener("input", (e) => fineTo(Number(e.target.value)));
  $("in").addEventListener("click", () => zoomTo(at.zoom + 0.1));
  $("out").addEventListener("click", () => zoomTo(at.zoom - 0.1));
  $("left").addEventListener("click", () => turnBy(-1));
  $("right").addEventListener("click", () => turnBy(1));
  new ResizeObserver(redraw).observe(stage);

  // --- leaving ---

  const ask = $("ask"), back = $("back");
  function leave() {
    if (back) location.assign(back.href);
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
  if (back) back.addEventListener("click", cancel);
  document.addEventListener("keydown", (e) => {
    if (e.key === "Escape" && !ask.open && photo) cancel(e);
  });
  ask.addEventListener("close", () => {
    if (ask.returnValue === "leave") leave();
    else stage.focus();
  });
  form.addEventListener("submit", (e) => {
    if (!photo || $("use").disabled) {
      e.preventDefault();
      return;
    }
    const w = wide(), h = w * HEIGHT / WIDTH, c = cos(), s = sin();
    const around = [photo.w * Math.abs(c) + photo.h * Math.abs(s), photo.w * Math.abs(s) + photo.h * Math.abs(c)];
    const values = { x: around[0] / 2 + at.u * c - at.v * s - w / 2, y: around[1] / 2 + at.u * s + at.v * c - h / 2, width: w, height: h, rotate: angle() };
    for (const name in values) form.elements[name].value = values[name].toFixed(3);
    live.textContent = say("sending", {});
    setTimeout(() => { $("use").disabled = true; });
  });
  window.addEventListener("pageshow", () => { $("use").disabled = false; });
})();
