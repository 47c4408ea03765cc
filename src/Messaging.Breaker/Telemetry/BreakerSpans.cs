using System.Diagnostics;

namespace Messaging.Breaker.Telemetry;

/// <summary>The source of our own spans.</summary>
static class BreakerSpans
{
    public static readonly ActivitySource Source = new(BreakerInstrumentation.ActivitySourceName);

    /// <summary>A span of something that is over.</summary>
    public static Activity? Complete(string name, DateTimeOffset from, DateTimeOffset to)
    {
        var span = Source.StartActivity(name, ActivityKind.Internal, default(ActivityContext), startTime: from);
        span?.SetEndTime(to.UtcDateTime);
        return span;
    }
}
