/* Starts reveal.js. A sheet that holds more than fits is set smaller, down to a size that can still be read. */
const SMALLEST = 70, STEP = 5; // per cent

function overflows(sheet) {
  const wide = [...sheet.children].some((part) => part.scrollWidth > part.clientWidth + 2);
  return wide || sheet.scrollHeight > sheet.clientHeight + 1;
}

function fit(slide) {
  const sheet = slide.querySelector(":scope > .sheet");
  for (let size = 100; sheet && size >= SMALLEST; size -= STEP) {
    sheet.style.setProperty("--size", size / 100);
    if (!overflows(sheet)) break;
  }
}

// A figure made for print is read at twice its size: a click there and back, the wheel moves it.
document.addEventListener("click", (event) => {
  const picture = event.target.closest(".picture");
  if (picture) picture.classList.toggle("near");
});
Reveal.on("slidechanged", (event) => fit(event.currentSlide));
Reveal.on("pdf-ready", () => document.querySelectorAll(".slides section").forEach(fit));
Reveal.initialize({
  width: 1280, height: 720, margin: 0.02, center: false, hash: true, slideNumber: "c/t", transition: "none",
  plugins: [RevealNotes],
}).then(() => fit(Reveal.getCurrentSlide()));
