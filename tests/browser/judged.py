"""What a visitor without a mouse, a screen or good eyes meets: what axe finds on a page, and text
in drawings whose contrast is too low."""

import re

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.pages import open_page
from tests.contrast import contrast

# axe's rule → selector of the elements of Streamlit's own widgets that break it and that we cannot
# change, and the reason. Nothing else is left out.
LEFT_OUT: dict[str, dict[str, str]] = {}
AA = 4.5  # the contrast of text that WCAG 2.2 AA asks for
SVG_TEXT = """
() => {
  const found = [], page = getComputedStyle(document.querySelector('[data-testid="stApp"]'));
  const look = (root) => {
    for (const node of root.querySelectorAll("*")) {
      if (node.shadowRoot) look(node.shadowRoot);
      if (node.tagName.toLowerCase() !== "text" || !node.textContent.trim()) continue;
      if (node.closest(".hoverlayer") || !node.checkVisibility({ opacityProperty: true })) continue;
      let shown = 1;
      for (let at = node; at; at = at.parentElement ?? at.getRootNode().host)
        shown *= Number(getComputedStyle(at).opacity);
      const style = getComputedStyle(node);
      found.push([node.textContent, style.fill, shown * Number(style.fillOpacity)]);
    }
  };
  look(document);
  return [page.backgroundColor, found];
}
"""


# pictures that are SVG files, drawn inside the page while they are judged; their style sees the
# theme as it does in an <img>
PICTURES = """
async () => {
  document.getElementById("judged-pictures")?.remove();
  const place = document.createElement("div");
  place.id = "judged-pictures";
  document.querySelector('[data-testid="stApp"]').append(place);
  for (const img of document.images) {
    const text = await fetch(img.src).then((file) => file.text(), () => "");
    if (!/^\\s*<svg/.test(text)) continue;
    const of = document.createElement("div");
    of.style.colorScheme = getComputedStyle(img).colorScheme;
    of.attachShadow({ mode: "open" }).innerHTML = text;
    place.append(of);
  }
  return place.childElementCount;
}
"""


def broken(page: Page) -> list[str]:
    """What axe finds, a line for each element, without what is left out."""
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    lines = []
    for rule in found:
        for node in rule["nodes"]:
            target = node["target"][-1]
            target = target[-1] if isinstance(target, list) else target
            known = LEFT_OUT.get(rule["id"], {})
            if not any(
                page.locator(target).first.evaluate("(e, s) => e.matches(s)", s) for s in known
            ):
                lines.append(f"{rule['id']}: {node['html'][:120]} {node['failureSummary'][:200]}")
    return lines


def pale_text(page: Page) -> list[str]:
    """Texts in SVG, in that of pictures as well, whose contrast with the page is too low: axe does
    not look at them."""
    page.evaluate(PICTURES)
    ground, texts = page.evaluate(SVG_TEXT)
    page.evaluate("document.getElementById('judged-pictures').remove()")
    behind = [float(number) for number in re.findall(r"[\d.]+", ground)[:3]]
    lines = []
    for text, fill, opacity in texts:
        tone = [float(number) for number in re.findall(r"[\d.]+", fill)[:3]]
        shown = [opacity * one + (1 - opacity) * two for one, two in zip(tone, behind, strict=True)]
        if opacity > 0.01 and contrast(shown, behind) < AA:
            lines.append(f"{text}: {fill} × {opacity:.2f}, {contrast(shown, behind):.2f}")
    return lines


def at_rest(page: Page, address: str) -> None:
    open_page(page, address)
    page.wait_for_selector(
        '[data-testid="stApp"][data-test-script-state="notRunning"]', timeout=120_000
    )
    page.wait_for_timeout(1_500)  # charts and components draw themselves
