using System.Diagnostics.Metrics;

namespace Messaging.Breaker.Tests.Telemetry;

/// <summary>The name that OpenTelemetry's exporter gives an instrument; a scrape tests that it does.</summary>
static class PrometheusNames
{
    public static string Of(Instrument instrument) => Of(instrument.Name, instrument.Unit, IsCounter(instrument));

    public static string Of(string metric, string? unit, bool isCounter) => Label(metric) + Suffix(unit) + (isCounter ? "_total" : "");

    public static string Label(string attribute) => attribute.Replace('.', '_');

    /// <summary>A histogram's series have suffixes of their own.</summary>
    public static IEnumerable<string> SeriesOf(Instrument instrument) => instrument is Histogram<double>
        ? [Of(instrument) + "_bucket", Of(instrument) + "_sum", Of(instrument) + "_count"]
        : [Of(instrument)];

    static bool IsCounter(Instrument instrument) => instrument is Counter<long> or ObservableCounter<long>;

    static string Suffix(string? unit) => unit switch
    {
        "s" => "_seconds",
        "By" => "_bytes",
        not null when unit.EndsWith("}/s", StringComparison.Ordinal) => "_per_second",
        _ => "",
    };
}
