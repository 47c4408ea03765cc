using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;
using Messaging.Breaker.Diagnostics;
using Messaging.Breaker.Telemetry;
using Messaging.Breaker.Tests.Consuming;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Metrics;

namespace Messaging.Breaker.Tests.Telemetry;

public partial class ScrapeTests
{
    [Fact]
    public async Task Prometheus_sees_every_metric_by_the_name_that_the_rules_expect()
    {
        await using var pipeline = await Pipeline.StartAsync(Pipeline.Works, options => options.PartitionBy<Work>(_ => null));
        using var measured = new Measured(pipeline.Services.GetRequiredService<IMeterFactory>());
        await using var web = await ServeMetricsAsync();
        UseAllInstruments(pipeline);
        using var queues = new Meter(BreakerInstrumentation.MeterName);
        var rate = queues.CreateObservableGauge("messaging.breaker.queue.arrival_rate", () => 1.0, "{message}/s");

        using var http = new HttpClient();
        var scraped = await http.GetStringAsync(new Uri(new Uri(web.Urls.First()), "/metrics"), TestContext.Current.CancellationToken);
        // Tests that run beside this one add metrics of their own, because an exporter asks for a meter by its name.
        var names = TypeLine().Matches(scraped).Select(line => line.Groups["name"].Value);
        Assert.Empty(measured.Instruments.Append(rate).Select(PrometheusNames.Of).Except(names));
    }

    static void UseAllInstruments(Pipeline pipeline)
    {
        pipeline.Breaker.Trip("test");
        var telemetry = pipeline.Services.GetRequiredService<BreakerTelemetry>();
        var meter = pipeline.Services.GetRequiredService<BreakerMeter>();
        meter.Redriven.Add(1, Tags.Of(Tags.Endpoint, "orders_error"));
        meter.FailedAgain.Add(1, Tags.Of(Tags.Endpoint, "orders_error"));
        var endpoint = telemetry.Of(Pipeline.Queue);
        endpoint.Returned([]);
        endpoint.Renewed(toEnd: true);
        endpoint.Suspected("payments");
        using (var wait = endpoint.AwaitVerdict())
            wait.Reached("return", false);
        endpoint.Settled(EndpointState.Paused, "test");
        endpoint.Settled(EndpointState.Running, "test");
    }

    static async Task<WebApplication> ServeMetricsAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddOpenTelemetry().WithMetrics(metrics => metrics.AddMeter(BreakerInstrumentation.MeterName).AddPrometheusExporter());
        var web = builder.Build();
        web.MapPrometheusScrapingEndpoint();
        await web.StartAsync();
        return web;
    }

    [GeneratedRegex("^# TYPE (?<name>messaging_breaker_[a-z_]+) ", RegexOptions.Multiline)]
    private static partial Regex TypeLine();
}
