using System.Globalization;
using Messaging.Breaker;
using SampleWorkers.Payments;
using SampleWorkers.Shop;
using SampleWorkers.Transport;

namespace SampleWorkers.Drill.Workers;

/// <summary>The settings of a worker, in this process or in one of its own.</summary>
/// <param name="Broker">Null for the in-memory transport.</param>
/// <param name="Prefix">The prefix of the names of the drill's queues and exchanges.</param>
/// <param name="SecondPayments">Null for one region of payments.</param>
sealed record WorkerPlan(string Name, DrillSettings Settings, BrokerAddress? Broker, Uri Payments, Uri? SecondPayments, Uri Mail, string Prefix)
{
    const double SlowCallRatio = 0.5;

    static readonly TimeSpan SlowCallDuration = TimeSpan.FromMilliseconds(500);

    /// <summary>The breaker of the region that goes down.</summary>
    public string Breaker => SecondPayments is null ? Dependencies.Payments : Dependencies.PaymentsEu;

    /// <summary>The path tells the payments service which worker calls.</summary>
    Uri OwnPayments => new(Payments, $"{Name}/");

    Uri? OwnSecondPayments => SecondPayments is null ? null : new(SecondPayments, $"{Name}/");

    bool WatchesSlowCalls => Settings.Failure is PaymentsMode.Slow;

    public ShopSettings ToShop() => new()
    {
        Broker = Broker,
        Payments = OwnPayments,
        SecondPayments = OwnSecondPayments,
        Mail = Mail,
        ByMerchant = Settings.Keys > 0,
        PaymentsTimeout = Settings.ClientTimeout,
        QueuePrefix = Prefix,
        QueueType = Settings.QueueType,
        DeliveryLimit = Settings.DeliveryLimit,
        SingleActiveConsumer = Settings.SingleActiveConsumer,
        Prefetch = Settings.Prefetch,
        Share = Settings.Share,
        WatchQueues = Settings.Page is not null && Broker is not null, // Only for the page: nobody else looks.
        PaymentsBreaker = (options, _) => ConfigureBreaker(options),
    };

    /// <summary>
    /// For a worker in a process of its own. Addresses with passwords do not belong on a command line, which every user of the machine can read.
    /// </summary>
    public IReadOnlyDictionary<string, string> ToEnvironment()
    {
        var environment = new Dictionary<string, string>
        {
            ["Sample__Broker"] = Broker?.ToConnectionString() ?? "",
            ["Sample__Payments"] = $"{OwnPayments}",
            ["Sample__SecondPayments"] = $"{OwnSecondPayments}",
            ["Sample__ByMerchant"] = Settings.Keys > 0 ? "true" : "",
            ["Sample__PaymentsTimeout"] = Text(Settings.ClientTimeout.TotalSeconds),
            ["Sample__Mail"] = $"{Mail}",
            ["Sample__QueuePrefix"] = Prefix,
            ["Sample__QueueType"] = $"{Settings.QueueType}",
            ["Sample__DeliveryLimit"] = Text(Settings.DeliveryLimit),
            ["Sample__SingleActiveConsumer"] = Settings.SingleActiveConsumer ? "true" : "",
            ["Sample__Prefetch"] = Text(Settings.Prefetch),
            ["Sample__Share"] = Settings.Share?.ToConnectionString() ?? "",
        };
        foreach (var (region, _) in ToShop().Regions)
        {
            // An empty value means null, whatever appsettings.json says.
            environment[Option(region, nameof(BreakerOptions.BreakDuration))] = $"{Settings.Break:c}";
            environment[Option(region, nameof(BreakerOptions.MaxBreakDuration))] = $"{Settings.MaxBreak:c}";
            environment[Option(region, nameof(BreakerOptions.SlowCallDuration))] = WatchesSlowCalls ? $"{SlowCallDuration:c}" : "";
            environment[Option(region, nameof(BreakerOptions.SlowCallRatio))] = WatchesSlowCalls ? Text(SlowCallRatio) : "";
        }

        return environment;
    }

    static string Option(string breaker, string name) => $"Breakers__{breaker}__{name}";

    static string Text(IFormattable? value) => value?.ToString(null, CultureInfo.InvariantCulture) ?? "";

    void ConfigureBreaker(BreakerOptions options)
    {
        options.BreakDuration = Settings.Break;
        options.MaxBreakDuration = Settings.MaxBreak;
        if (!WatchesSlowCalls)
            return;
        options.SlowCallDuration = SlowCallDuration;
        options.SlowCallRatio = SlowCallRatio;
    }
}
