using Microsoft.Playwright;

namespace Messaging.Breaker.Dashboard.Tests.Browser;

/// <summary>
/// Finds elements that have left their place: wider than the window, outside their card, or overlapping a neighbour or the lines above.
/// </summary>
static class LayoutProblems
{
    const string Script =
        """
        () => {
          const problems = [];
          const page = document.documentElement;
          if (page.scrollWidth > page.clientWidth) problems.push(`the page is ${page.scrollWidth} wide`);
          const isBetween = (inner, outer) => inner.left >= outer.left - 1 && inner.right <= outer.right + 1;
          const isIn = (inner, outer) => isBetween(inner, outer) && inner.top >= outer.top - 1 && inner.bottom <= outer.bottom + 1;
          const describe = element => `${element.tagName} ${element.className} "${element.textContent.slice(0, 30)}"`;
          const isClipped = (element, card) => {
            for (let parent = element.parentElement; parent !== card; parent = parent.parentElement)
              if (getComputedStyle(parent).overflowX !== 'visible' || parent.matches('.uplot, svg, thead')) return true;
            return element.matches('thead, .sr-only');
          };
          for (const card of document.querySelectorAll('.bar, .panel, .trouble, .alerts li, .well, .timeline li, dialog[open]')) {
            const box = card.getBoundingClientRect();
            const stray = [...card.querySelectorAll('*')].find(element => !isClipped(element, card) && [...element.getClientRects()].some(rect => !isIn(rect, box)));
            if (stray) problems.push(`${describe(stray)} is out of its ${describe(card)}`);
          }
          for (const cell of document.querySelectorAll('tbody td, .facts > div')) {
            const range = document.createRange();
            range.selectNodeContents(cell);
            if ([...range.getClientRects()].some(rect => rect.width && !isBetween(rect, cell.getBoundingClientRect()))) problems.push(`${describe(cell)} holds more than it is wide`);
          }
          for (const scrolled of document.querySelectorAll('.timeline, dialog[open]'))
            if (scrolled.scrollWidth > scrolled.clientWidth) problems.push(`${describe(scrolled)} scrolls sideways`);
          const text = document.body.textContent;
          if (/\p{M}{4}/u.test(text)) problems.push('marks pile up');
          if (/[\u0000-\u0009\u000B-\u001F\u007F\u200B\u200E\u200F\u202A-\u202E\u2066-\u2069\uFEFF]/.test(text)) problems.push('something invisible turns or hides text');
          return problems;
        }
        """;

    public static async Task<string[]> FindAsync(IPage page) => await page.EvaluateAsync<string[]>(Script);
}
