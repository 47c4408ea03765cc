using System.Diagnostics;
using Messaging.Breaker.Breakers.Attempts;
using Messaging.Breaker.Diagnostics;

namespace Messaging.Breaker.Gating;

/// <summary>
/// Corrects MassTransit's spans of a message. MassTransit marks a span as an error whenever an exception passes through it. The exception that
/// returns a message is not an error, and neither is a failure whose verdict is open. Between that mark and the end of the span, only listeners
/// for the end run, in the order in which they were added. So this listener is added before an exporter starts, and is kept only if there is an
/// exporter, because a listener alone costs each message most of a microsecond.
/// </summary>
sealed class ConsumeSpans(string source = "MassTransit") : IDisposable
{
    const string Enquiry = "enquiry";

    readonly Lock _lock = new();
    ActivityListener? _listener;

    public bool IsListening => Volatile.Read(ref _listener) is not null;

    /// <summary>The span of the message that the running code receives; null if it is not traced.</summary>
    public Activity? Current
    {
        get
        {
            var span = Activity.Current;
            while (span is not null && !IsConsuming(span))
                span = span.Parent;
            if (span is not null && !IsListening)
                Listen(); // A listener was added late, and this one comes after it: it corrects the span for readers that read it after its end.
            return span;
        }
    }

    public void Listen()
    {
        lock (_lock)
        {
            if (_listener is not null)
                return;
            // Without a sampler, it causes no spans, and sees those that other listeners request.
            _listener = new ActivityListener { ShouldListenTo = IsMeant, ActivityStopped = Correct };
            ActivitySource.AddActivityListener(_listener);
        }
    }

    public void StopUnlessOthersListen()
    {
        // A source of the same name that only other listeners listen to.
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
