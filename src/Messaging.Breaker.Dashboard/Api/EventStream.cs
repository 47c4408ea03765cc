using System.Text.Json;
using Messaging.Breaker.Dashboard.State;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Messaging.Breaker.Dashboard.Api;

/// <summary>
/// Sends server-sent events to one page: first the last minutes, then the state once a second and at once on each transition. A slow reader
/// gets fewer states, not older ones, and costs the host only some kilobytes: all readers share the same bytes, and a connection's buffer takes
/// no more than it holds. (ASP.NET Core's own result buffers each event as a whole, for each reader.)
/// </summary>
static class EventStream
{
    const int Chunk = 16 * 1024;

    public static async Task WriteAsync(HttpResponse response, Recorder recorder, History history, CancellationToken cancellationToken)
    {
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-cache,no-store";
        response.HttpContext.Features.Get<IHttpResponseBodyFeature>()!.DisableBuffering();
        var past = recorder.Latest.Past;
        await WriteAsync(response.Body, "event: history\ndata: "u8.ToArray(), past.Json, cancellationToken).ConfigureAwait(false);

        for (var lastNumber = past.LastNumber; !cancellationToken.IsCancellationRequested;)
        {
            var frame = recorder.Latest;
            foreach (var entry in history.EntriesAfter(lastNumber))
            {
                lastNumber = entry.Number;
                var json = JsonSerializer.SerializeToUtf8Bytes(entry, DashboardJson.Default.TimelineEntry);
                await WriteAsync(response.Body, "event: entry\ndata: "u8.ToArray(), json, cancellationToken).ConfigureAwait(false);
            }

            await WriteAsync(response.Body, "event: state\ndata: "u8.ToArray(), frame.Json, cancellationToken).ConfigureAwait(false);
            await frame.Superseded.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Each write waits until the connection's buffer has room.</summary>
    static async Task WriteAsync(Stream body, byte[] begin, byte[] json, CancellationToken cancellationToken)
    {
        await body.WriteAsync(begin, cancellationToken).ConfigureAwait(false);
        for (var at = 0; at < json.Length; at += Chunk)
            await body.WriteAsync(json.AsMemory(at, Math.Min(Chunk, json.Length - at)), cancellationToken).ConfigureAwait(false);
        await body.WriteAsync("\n\n"u8.ToArray(), cancellationToken).ConfigureAwait(false);
        await body.FlushAsync(cancellationToken).ConfigureAwait(false);
    }
}
