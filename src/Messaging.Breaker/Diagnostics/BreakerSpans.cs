using System.Diagnostics;

namespace Messaging.Breaker.Diagnostics;

/// <summary>The source of the library's own spans.</summary>
static class BreakerSpans
{
    public static readonly ActivitySource Source = new(BreakerInstrumentation.ActivitySourceName);

    /// <summary>A span that begins now; null if there is no listener, or a listener throws.</summary>
    public static Activity? Start(string name) => Begin(() => Source.StartActivity(name));

    /// <summary>A span of something that has ended.</summary>
    public static Activity? Complete(string name, DateTimeOffset from, DateTimeOffset to)
    {
        var span = Begin(() => Source.StartActivity(name, ActivityKind.Internal, default(ActivityContext), startTime: from));
        span?.SetEndTime(to.UtcDateTime);
        return span;
    }

    /// <summary>Ends a span and notifies the listeners.</summary>
    public static void End(Activity? span)
    {
        if (span is null)
            return;
        var (current, parent) = (Activity.Current, span.Parent);
        Safely.Run(span.Dispose);
        if (current == span && Activity.Current == span)
            Activity.Current = parent;
    }

    /// <summary>A listener that throws would leave its span behind as the current one.</summary>
    static Activity? Begin(Func<Activity?> start)
    {
        var current = Activity.Current;
        var span = Safely.Get(start);
        if (span is null && Activity.Current != current)
            Activity.Current = current;
        return span;
    }
}
