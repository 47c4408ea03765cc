using System.Net;
using MassTransit;
using Messaging.Breaker.QueueDepth;
using Messaging.Breaker.RabbitMq;
using Messaging.Breaker.RabbitMq.Sharing;
using Messaging.Breaker.Redis;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Messaging.Breaker.Tests.Robustness;

/// <summary>Any address is either refused, without showing its password, or accepted by everything that uses it.</summary>
public class AddressTests
{
    const string Marked = "m4rked-pa55word";

    [Fact]
    public void A_Redis_address_is_accepted_or_refused_without_its_password() => Fuzzing.Hold(seed =>
    {
        try
        {
            return RedisConfiguration.Read(Corpus.Draw("redis-addresses", seed)).EndPoints.Count > 0;
        }
        catch (ArgumentException refusal)
        {
            return IsKept(refusal.ToString());
        }
    });

    [Fact]
    public void The_address_of_a_bus_to_share_over_is_accepted_or_refused_without_its_password() => Fuzzing.Hold(seed =>
    {
        if (!Uri.TryCreate(Corpus.Draw("broker-addresses", seed), UriKind.RelativeOrAbsolute, out var address))
            return true;
        var options = new BusSharingOptions { Address = address };
        var problems = string.Concat(options.Validate());
        return problems.Length > 0 ? IsKept(problems) : BusConnection.For(options, new RabbitMqTransportOptions()).HostName.Length > 0;
    });

    [Fact]
    public void The_address_of_a_watched_broker_is_accepted_or_refused_without_its_password() => Fuzzing.Hold(seed =>
    {
        var options = new QueueDepthOptions { BrokerAddress = Corpus.Draw("broker-addresses", seed) };
        return Refusal(options) is { } refusal ? IsKept(refusal) : BrokerAccess.Of(options.BrokerAddress).Description.Length > 0;
    });

    [Fact]
    public void A_management_API_address_is_accepted_or_refused_without_its_password() => Fuzzing.Hold(seed =>
    {
        var options = new QueueDepthOptions { ManagementAddress = Corpus.Draw("http-addresses", seed) };
        if (Refusal(options) is { } refusal)
            return IsKept(refusal);
        var (server, log) = (new Answering(), new LogRecorder().CreateLogger("management"));
        var management = new ManagementApi(new Uri(options.ManagementAddress), BrokerAccess.Of("amqp://host/"), new DeliveryLimits(Options.Create(options)), server, log);
        var readings = management.CompleteAsync([new QueueReading("orders", 1, 1)], default, CancellationToken.None).GetAwaiter().GetResult();
        return readings.Count == 1 && server.Asked is { UserInfo: "", Query: "" };
    }, share: 0.5);

    [Fact]
    public void A_webhook_address_is_accepted_or_refused_without_its_password() => Fuzzing.Hold(seed =>
    {
        var options = new QueueDepthOptions { Webhook = { Address = Corpus.Draw("http-addresses", seed), Secret = new string('A', 44) } };
        if (Refusal(options) is { } refusal)
            return IsKept(refusal);
        var server = new Answering();
        var sink = new WebhookAlertSink(server, Options.Create(options), new FakeTimeProvider());
        var alert = new QueueAlert
        {
            Rule = "depth",
            Severity = AlertSeverity.Warning,
            Queues = ["orders"],
            Message = "many wait",
            Since = DateTimeOffset.UnixEpoch,
        };
        sink.RaiseAsync(new QueueAlertRaised("key", "one", alert), CancellationToken.None).GetAwaiter().GetResult();
        return server.Asked is not null;
    }, share: 0.5);

    static bool IsKept(string text) => !text.Contains(Marked, StringComparison.OrdinalIgnoreCase);

    static string? Refusal(QueueDepthOptions options)
    {
        IValidateOptions<QueueDepthOptions>[] rules = [new QueueDepthOptionsValidator(), new BrokerAddressRule()];
        var failures = rules.Select(rule => rule.Validate(null, options)).SelectMany(result => result.Failures ?? []).ToList();
        return failures.Count > 0 ? string.Concat(failures) : null;
    }

    /// <summary>Answers every request, and remembers its address.</summary>
    sealed class Answering : HttpMessageHandler, IHttpClientFactory
    {
        public Uri? Asked { get; private set; }

        public HttpClient CreateClient(string name) => new(this, disposeHandler: false);

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Asked = request.RequestUri;
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent("{}") });
        }
    }
}
