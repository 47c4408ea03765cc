using System.Diagnostics;
using Messaging.Breaker.Attribution;

namespace Messaging.Breaker.Telemetry;

/// <summary>
/// MassTransit's spans of a message. It marks each that an exception passes as an error; the exception by which a message is returned is
/// none, and neither is a failure whose verdict is open. Nothing runs between that mark and the end of the span but those who listen for
/// the end, in the order in which they came: so we listen before an exporter is started, and stay only if one was, since the mere presence of
/// a listener costs each message most of a microsecond.
/// </summary>
sealed class ConsumeSpans(string source = "MassTransit") : IDisposable
{
    const string Enquiry = "enquiry";

    readonly Lock _lock = new();
    ActivityListener? _listener;

    public bool IsListening => Volatile.Read(ref _listener) is not null;

    /// <summary>The span of the message that the running code receives; null when nobody traces it.</summary>
    public Activity? Current
    {
        get
        {
            var span = Activity.Current;
            while (span is not null && !IsConsuming(span))
                span = span.Parent;
            if (span is not null && !IsListening)
                Listen(); // Somebody has come late, and we come later still: whoever reads the span after its end will see it corrected.
            return span;
        }
    }

    public void Listen()
    {
        lock (_lock)
        {
            if (_listener is not null)
                return;
            // Without a sampler: it causes no span, and sees those that others ask for.
            _listener = new ActivityListener { ShouldListenTo = IsMeant, ActivityStopped = Correct };
            ActivitySource.AddActivityListener(_listener);
        }
    }

    public void StopUnlessOthersListen()
    {
        // One of the same name, to which only the others listen.
        using var enquiry = new ActivitySource(source, Enquiry);
        if (!enquiry.HasListeners())
            Dispose();
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _listener?.Dispose();
            _listener = null;
        }
    }

    bool IsMeant(ActivitySource asked) => asked.Name == source && asked.Version != Enquiry;

    bool IsConsuming(Activity span) => span.Kind == ActivityKind.Consumer && span.Source.Name == source;

    void Correct(Activity span)
    {
        if (span.Status != ActivityStatusCode.Error || !IsConsuming(span))
            return;
        if (InFlightMessage.Current is { AwaitsVerdict: true })
            span.SetTag(Tags.Verdict, "pending").SetStatus(ActivityStatusCode.Unset);
        else if (span.GetTagItem(Tags.Returned) is true)
            span.SetStatus(ActivityStatusCode.Unset);
    }
}
