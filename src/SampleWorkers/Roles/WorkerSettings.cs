using SampleWorkers.Sharing;
using SampleWorkers.Transport;

namespace SampleWorkers.Roles;

sealed record WorkerSettings
{
    public BrokerAddress Broker { get; init; } = BrokerAddress.Default;

    public Uri Payments { get; init; } = new("http://127.0.0.1:5080");

    /// <summary>A second region of payments; null for none.</summary>
    public Uri? SecondPayments { get; init; }

    /// <summary>Whether each merchant has its own breaker.</summary>
    public bool ByMerchant { get; init; }

    public TimeSpan PaymentsTimeout { get; init; } = TimeSpan.FromSeconds(1);

    public QueueType QueueType { get; init; } = QueueType.Classic;

    public int? DeliveryLimit { get; init; }

    /// <summary>Whether only one worker at a time consumes the queue, which keeps its order.</summary>
    public bool SingleActiveConsumer { get; init; }

    /// <summary>The prefix of the queues' names; null for none.</summary>
    public string? QueuePrefix { get; init; }

    public int Prefetch { get; init; } = 32;

    /// <summary>A JSON file that overrides appsettings.json and the environment; null for none.</summary>
    public FileInfo? SettingsFile { get; init; }

    /// <summary>The mail service; null for one in the worker itself.</summary>
    public Uri? Mail { get; init; }

    /// <summary>Where the state of the breakers is shared; null if it is not.</summary>
    public StoreAddress? Share { get; init; }

    /// <summary>Whether the queues stay held until that store has said that the fleet does not hold them.</summary>
    public bool HoldUntilKnown { get; init; }

    /// <summary>Where to post each transition of a breaker; null for nowhere.</summary>
    public Uri? Report { get; init; }

    public bool EndWithInput { get; init; }

    public Uri Urls { get; init; } = new("http://127.0.0.1:0");
}
