using System.Globalization;
using System.Text;
using Messaging.Breaker.IntegrationTests.Infrastructure;

namespace Messaging.Breaker.Dashboard.Tests.Secrets;

/// <summary>Every address that a component takes contains a password, and everything fails. The password appears nowhere.</summary>
public sealed class SecretTests(BrokerFixture broker)
{
    const string Password = "m4rkedPa55word";
    const string NotHttp = "HTTP/1.1 000 nonsense\0\u0001\u00FF\r\n-ERR nonsense\r\n";
    const string Unauthorized = "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"broker\"\r\nContent-Length: 0\r\n\r\n";
    const string Redirect = "HTTP/1.1 307 Temporary Redirect\r\nLocation: http://127.0.0.1:1/elsewhere\r\nContent-Length: 0\r\n\r\n";
    const string WrongPassword = "-WRONGPASS invalid username-password pair or user is disabled.\r\n";

    static readonly string[] Secrets = [Password, Convert.ToBase64String(Encoding.UTF8.GetBytes($"worker:{Password}"))];

    static readonly Dictionary<string, (string Awaited, Action<SecretiveApplication, string, string> Give)> Components = new()
    {
        ["bus"] = ("Connection Failed", (application, s, at) => application.Bus = new Uri($"amqp{s}://worker:{Password}@{at}/")),
        ["watched broker"] = ("cannot be read", (application, s, at) => application.Watch = options => options.BrokerAddress = $"amqp{s}://worker:{Password}@{at}/"),
        ["management API"] = ("does not answer", (application, s, at) => application.Watch = options => options.ManagementAddress = $"http{s}://worker:{Password}@{at}/"),
        ["webhook"] = ("could not be delivered", (application, s, at) => application.Watch = options => Set(options.Webhook, s, at)),
        ["Redis by a string"] = ("The fleet's store", (application, s, at) => application.Breakers = breakers =>
            breakers.ShareOverRedis($"{at},user=worker,password={Password},ssl={s.Length > 0},connectTimeout=200", Briefly)),
        ["Redis by an address"] = ("The fleet's store", (application, s, at) => application.Breakers = breakers =>
            breakers.ShareOverRedis($"redis{s}://worker:{Password}@{at}/0", Briefly)),
        ["sharing over the bus"] = ("has no connection", (application, s, at) => application.Breakers = breakers => breakers.ShareOverBus(options =>
        {
            Briefly(options);
            options.Address = new Uri($"amqp{s}://worker:{Password}@{at}/");
        })),
        ["sharing over the bus of the transport's options"] = ("has no connection", ShareByTransport),
    };

    static readonly Dictionary<string, Func<FailingServer?>> Failures = new()
    {
        ["refused"] = FailingServer.Refusing,
        ["nonsense"] = () => FailingServer.Saying(NotHttp),
        ["no TLS"] = () => FailingServer.Saying(NotHttp),
        ["unauthorized"] = () => FailingServer.Saying(Unauthorized),
        ["redirected"] = () => FailingServer.Saying(Redirect),
        ["wrong password"] = () => FailingServer.Saying(WrongPassword),
        ["refused by the broker"] = () => null,
        ["silent"] = FailingServer.Silent,
    };

    public static TheoryData<string, string> Rows()
    {
        var rows = new TheoryData<string, string>();
        foreach (var component in Components.Keys)
        {
            string[] own = component switch
            {
                "webhook" => ["unauthorized", "redirected", "silent"],
                "management API" => ["unauthorized", "redirected"],
                "Redis by a string" => ["wrong password", "silent"],
                "Redis by an address" => [],
                _ => ["refused by the broker"],
            };
            foreach (var failure in own.Concat(["refused", "nonsense", "no TLS"]))
                rows.Add(component, failure);
        }

        return rows;
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task A_component_that_fails_does_not_reveal_its_password(string component, string failure)
    {
        using var server = Failures[failure]();
        using var listener = new Eavesdropper();
        var application = new SecretiveApplication { Bus = broker.Node.AmqpAddress };
        var at = server is null ? broker.Node.AmqpAddress.Authority : $"127.0.0.1:{server.Port}";
        Components[component].Give(application, failure == "no TLS" ? "s" : "", at);

        Assert.Null(await application.RunAsync(listener, Components[component].Awaited));

        AssertSilentAbout(listener);
    }

    public static TheoryData<string, string> BadAddresses()
    {
        var rows = new TheoryData<string, string>();
        foreach (var address in new[] { "amqp://worker:{0}@host/a/{0}", "amqp://worker:{0}@host:99999/", "amqp:worker:{0}@host", "ftp://worker:{0}@host/", "worker:{0}@host:5672", "amqp://worker:{0}%zz@/" })
            rows.Add("QueueDepth:BrokerAddress", address);
        foreach (var option in new[] { "QueueDepth:ManagementAddress", "QueueDepth:Webhook:Address" })
            foreach (var address in new[] { "http://worker:{0}@host:99999/", "http:worker:{0}@host", "ftp://worker:{0}@host/", "worker:{0}@host:80", "http://worker:{0}@/" })
                rows.Add(option, address);
        foreach (var option in new[] { "QueueDepth", "QueueDepth:Webhook", "QueueDepth:SamplingInterval", "QueueDepth:Webhook:Attempts", "QueueDepth:Rules", "QueueDepth:Rules:Depth:Raise", "QueueDepth:Unknown", "Breakers", "Breakers:payments", "Breakers:payments:Probes", "Breakers:payments:Mode" })
            rows.Add(option, "http://worker:{0}@host/hooks/{0}");
        rows.Add("QueueDepth:Webhook:Secret", "{0}");
        foreach (var address in new[] { "redis://worker:{0}@host:99999", "redis://worker:{0}@host/{0}", "redis://worker:{0}@host/?x={0}", "redis:worker:{0}@host", "worker:{0}@host:6379", "host:6379,password={0},ssl={0}", "host:6379,nonsense={0}", "password={0}", "http://worker:{0}@host" })
            rows.Add("Redis", address);
        foreach (var address in new[] { "amqp://worker:{0}@host/a/{0}", "ftp://worker:{0}@host/", "http://worker:{0}@host/" })
            rows.Add("sharing over the bus", address);
        return rows;
    }

    [Theory]
    [MemberData(nameof(BadAddresses))]
    public async Task An_invalid_address_is_refused_without_repeating_its_password(string option, string form)
    {
        using var listener = new Eavesdropper();
        var application = new SecretiveApplication { Bus = new Uri("amqp://127.0.0.1:1/") };
        var address = string.Format(CultureInfo.InvariantCulture, form, Password);
        if (option == "Redis")
            application.Breakers = breakers => breakers.ShareOverRedis(address);
        else if (option == "sharing over the bus")
            application.Breakers = breakers => breakers.ShareOverBus(options => options.Address = new Uri(address));
        else
            application.Settings[option] = address;
        if (option.EndsWith("Secret", StringComparison.Ordinal))
            application.Settings["QueueDepth:Webhook:Address"] = "http://host/";

        Assert.NotNull(await application.RunAsync(listener, null));

        AssertSilentAbout(listener);
    }

    static void Set(QueueWebhookOptions webhook, string s, string at)
    {
        webhook.Address = $"http{s}://worker:{Password}@{at}/hooks/{Password}?token={Password}";
        webhook.Secret = Password + new string('A', 30);
        (webhook.Attempts, webhook.Timeout) = (1, TimeSpan.FromMilliseconds(500));
    }

    static void ShareByTransport(SecretiveApplication application, string s, string at)
    {
        application.Breakers = breakers => breakers.ShareOverBus(Briefly);
        application.Transport = options => (options.Host, options.Port, options.User, options.Pass, options.UseSsl) =
            (at.Split(':')[0], ushort.Parse(at.Split(':')[1], CultureInfo.InvariantCulture), "worker", Password, s.Length > 0);
    }

    static void Briefly(SharingOptions options) => (options.StartupPatience, options.StoreTimeout) = (TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(300));

    static void AssertSilentAbout(Eavesdropper listener) =>
        Assert.DoesNotContain(listener.Heard, text => Secrets.Any(secret => text.Contains(secret, StringComparison.OrdinalIgnoreCase)));
}
