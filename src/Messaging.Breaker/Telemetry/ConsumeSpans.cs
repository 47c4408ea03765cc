using System.Diagnostics;
using Messaging.Breaker.Attribution;

namespace Messaging.Breaker.Telemetry;

/// <summary>
/// MassTransit's spans of a message. It marks each that an exception passes as an error; the exception by which a message is returned is
/// none, and neither is a failure whose verdict is open. Nothing runs between that mark and the end of the span but those who listen for
/// the end, so we do, and come before an exporter that is started with the host.
/// </summary>
sealed class ConsumeSpans : IDisposable
{
    const string SourceName = "MassTransit";

    // Without a sampler: this listener causes no span, it sees those that others ask for.
    readonly ActivityListener _listener = new() { ShouldListenTo = source => source.Name == SourceName, ActivityStopped = Correct };

    public ConsumeSpans() => ActivitySource.AddActivityListener(_listener);

    /// <summary>The span of the message that the running code receives.</summary>
    public static Activity? Current
    {
        get
        {
            var span = Activity.Current;
            while (span is not null && !IsConsuming(span))
                span = span.Parent;
            return span;
        }
    }

    public void Dispose() => _listener.Dispose();

    static bool IsConsuming(Activity span) => span.Kind == ActivityKind.Consumer && span.Source.Name == SourceName;

    static void Correct(Activity span)
    {
        if (span.Status != ActivityStatusCode.Error || !IsConsuming(span))
            return;
        if (MessageHandling.Current is { AwaitsVerdict: true })
            span.SetTag(Tags.Verdict, "pending").SetStatus(ActivityStatusCode.Unset);
        else if (span.GetTagItem(Tags.Returned) is true)
            span.SetStatus(ActivityStatusCode.Unset);
    }
}
