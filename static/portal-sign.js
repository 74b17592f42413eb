// A signature drawn in a box. With this file missing the name is typed, which counts as much.
(function () { "use strict";
  var d = document, by = d.getElementById.bind(d), part = by("drawn"), box = by("drawing"), pad = by("pad"), told = by("pad-told"), pen = box && box.getContext && box.getContext("2d"), down;
  if (!pen || !window.PointerEvent) return;
  var form = told.form;
  part.hidden = false; box.style.touchAction = "none";
  function show() { pad.hidden = form.querySelector("input[name=how]:checked").value !== "drawn"; }
  function at(e) { var r = box.getBoundingClientRect(); return [(e.clientX - r.left) * box.width / r.width, (e.clientY - r.top) * box.height / r.height]; }
  function draw(e, begins) {
    var to = at(e); if (begins) { pen.beginPath(); pen.moveTo(to[0] - .5, to[1]); }
    pen.lineTo(to[0], to[1]); pen.stroke(); e.preventDefault();
  }
  function keep() { if (down) told.value = box.toDataURL("image/png"); down = false; }
  box.addEventListener("pointerdown", function (e) {
    if (e.button) return; down = true; if (box.setPointerCapture) box.setPointerCapture(e.pointerId);
    pen.lineWidth = 6; pen.lineCap = pen.lineJoin = "round"; pen.strokeStyle = window.getComputedStyle(box).color; draw(e, true);
  });
  box.addEventListener("pointermove", function (e) { if (down) draw(e); });
  ["pointerup", "pointercancel", "lostpointercapture"].forEach(function (name) { box.addEventListener(name, keep); });
  by("pad-clear").addEventListener("click", function () { pen.clearRect(0, 0, box.width, box.height); told.value = ""; });
  form.addEventListener("change", show); show();
  // What was drawn before the page came back.
  if (told.value) { var was = new Image(); was.onload = function () { pen.drawImage(was, 0, 0); }; was.src = told.value; }
})();
