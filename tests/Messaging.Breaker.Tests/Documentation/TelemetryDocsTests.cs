using System.Diagnostics.Metrics;
using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using Messaging.Breaker.Diagnostics;
using Messaging.Breaker.QueueDepth;
using Messaging.Breaker.Tests.Consuming;
using Messaging.Breaker.Tests.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Messaging.Breaker.Tests.Documentation;

/// <summary>Everything that the docs, the rules and the dashboard name exists, and everything that exists is documented.</summary>
public partial class TelemetryDocsTests
{
    static readonly string Docs = Read("telemetry.md");

    [Fact]
    public async Task Exactly_the_existing_metrics_are_documented_with_Prometheus_name_and_unit()
    {
        var documented = MetricRow().Matches(Docs)
            .Select(row => (Name: row.Groups["name"].Value, Prometheus: row.Groups["prometheus"].Value, Unit: row.Groups["unit"].Value))
            .ToList();
        var instruments = await InstrumentsAsync();
        Assert.Equal(
            instruments.Select(instrument => (instrument.Name, PrometheusNames.Of(instrument), instrument.Unit!)).Order(),
            documented.Order());
    }

    [Theory]
    [InlineData("messaging-breaker.rules.yml")]
    [InlineData("messaging-breaker.tests.yml")]
    [InlineData("messaging-breaker.json")]
    public async Task Every_name_in_rules_and_dashboard_exists(string file)
    {
        var text = Read(file);
        var metrics = (await InstrumentsAsync()).SelectMany(PrometheusNames.SeriesOf)
            .Concat(Attributes().Select(PrometheusNames.Label))
            .ToHashSet();
        var used = PrometheusName().Matches(text).Select(match => match.Value).Distinct().ToList();
        Assert.True(used.Count > 10, $"{file} names only {used.Count} metrics and labels.");
        Assert.All(used, name => Assert.Contains(name, metrics));

        var recorded = Record().Matches(Read("messaging-breaker.rules.yml")).Select(record => record.Groups["name"].Value).ToHashSet();
        Assert.All(RecordedName().Matches(text).Select(match => match.Value), name => Assert.Contains(name, recorded));
    }

    [Fact]
    public void Every_log_message_has_an_id_of_its_own_and_is_documented()
    {
        var logged = LogMessages().Select(log => (log.Attribute.EventId, log.Method.Name)).ToList();
        Assert.Equal(logged.Count, logged.Select(log => log.EventId).Distinct().Count());
        var documented = LogRow().Matches(Docs).Select(row =>
            (int.Parse(row.Groups["id"].Value, CultureInfo.InvariantCulture), row.Groups["event"].Value));
        Assert.Equal(logged.Order(), documented.Order());
    }

    [Fact]
    public void All_log_messages_are_in_one_place() =>
        Assert.All(LogMessages(), log => Assert.Equal(typeof(Log), log.Method.DeclaringType));

    [Fact]
    public void Every_value_of_an_attribute_is_documented()
    {
        Assert.All(SnakeCase.All<BreakerState>().Select(SnakeCase.Of), AssertDocumented);
        Assert.All(SnakeCase.All<BreakerMode>().Select(SnakeCase.Of), AssertDocumented);
        Assert.All(SnakeCase.All<TransitionCause>().Select(SnakeCase.Of), AssertDocumented);
        Assert.All(SnakeCase.All<EndpointState>().Select(SnakeCase.Of), AssertDocumented);
        Assert.All(SnakeCase.All<Messaging.Breaker.Consuming.TriageDecision>().Select(SnakeCase.Of), AssertDocumented);
        Assert.All(Attributes().Where(name => name.StartsWith("messaging.breaker.", StringComparison.Ordinal)), name =>
            Assert.True(Docs.Contains($"`{name}`", StringComparison.Ordinal) || Docs.Contains($"`{name["messaging.breaker".Length..]}`", StringComparison.Ordinal), name));

        static void AssertDocumented(string value) => Assert.Contains($"`{value}`", Docs, StringComparison.Ordinal);
    }

    static async Task<List<Instrument>> InstrumentsAsync()
    {
        await using var pipeline = await Pipeline.StartAsync(Pipeline.Works);
        using var measured = new Measured(pipeline.Services.GetRequiredService<IMeterFactory>());
        await using var watching = new ServiceCollection().AddMessagingBreaker(breakers => breakers.WatchQueues()).BuildServiceProvider();
        watching.GetRequiredService<QueueMetrics>().Observe(watching.GetRequiredService<QueueMonitor>());
        using var ofQueues = new Measured(watching.GetRequiredService<IMeterFactory>());
        return [.. measured.Instruments, .. ofQueues.Instruments];
    }

    static IEnumerable<string> Attributes() => typeof(Tags).GetFields().Select(field => (string)field.GetRawConstantValue()!);

    static IEnumerable<(MethodInfo Method, LoggerMessageAttribute Attribute)> LogMessages() =>
        from type in typeof(Log).Assembly.GetTypes()
        from method in type.GetMethods(BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
        let attribute = method.GetCustomAttribute<LoggerMessageAttribute>()
        where attribute is not null
        select (method, attribute);

    static string Read(string name) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Documentation", name));

    [GeneratedRegex(@"^\| `(?<name>messaging\.breaker\.[a-z_.]+)` \| `(?<prometheus>[a-z_]+)` \| \w+ \| `(?<unit>[^`]+)` \|", RegexOptions.Multiline)]
    private static partial Regex MetricRow();

    [GeneratedRegex(@"^\| (?<id>\d+) \| `(?<event>\w+)` \|", RegexOptions.Multiline)]
    private static partial Regex LogRow();

    [GeneratedRegex("messaging_breaker_[a-z_]+")]
    private static partial Regex PrometheusName();

    [GeneratedRegex("messaging_breaker:[a-z0-9_:]+")]
    private static partial Regex RecordedName();

    [GeneratedRegex("record: (?<name>[a-z0-9_:]+)")]
    private static partial Regex Record();
}
