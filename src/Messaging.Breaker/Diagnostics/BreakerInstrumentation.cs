namespace Messaging.Breaker;

/// <summary>
/// The names of the meter and the source for an OpenTelemetry configuration, as in
/// <c>metrics.AddMeter(BreakerInstrumentation.MeterName)</c> and <c>traces.AddSource(BreakerInstrumentation.ActivitySourceName)</c>.
/// </summary>
public static class BreakerInstrumentation
{
    /// <summary>The name of the meter of all metrics.</summary>
    public const string MeterName = "Messaging.Breaker";

    /// <summary>
    /// The name of the source of all spans. The tags of a returned message are on MassTransit's own span, whose source is "MassTransit".
    /// </summary>
    public const string ActivitySourceName = "Messaging.Breaker";
}
