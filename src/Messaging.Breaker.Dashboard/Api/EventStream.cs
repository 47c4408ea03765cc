using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Messaging.Breaker.Dashboard.State;

namespace Messaging.Breaker.Dashboard.Api;

/// <summary>
/// What one page is told: first the last minutes, then the state once a second and at once on each transition. Whoever reads slowly gets
/// fewer states, not older ones.
/// </summary>
static class EventStream
{
    public static async IAsyncEnumerable<SseItem<string>> ReadAsync(
        Recorder recorder, History history, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var entries = history.EntriesAfter(0);
        yield return new SseItem<string>(
            JsonSerializer.Serialize(new HistoryView(history.Samples(), entries), DashboardJson.Default.HistoryView), "history");

        var lastNumber = entries is [.., var last] ? last.Number : 0;
        while (!cancellationToken.IsCancellationRequested)
        {
            var frame = recorder.Latest;
            foreach (var entry in history.EntriesAfter(lastNumber))
            {
                lastNumber = entry.Number;
                yield return new SseItem<string>(JsonSerializer.Serialize(entry, DashboardJson.Default.TimelineEntry), "entry");
            }

            yield return new SseItem<string>(frame.Json, "state");
            await frame.Superseded.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
