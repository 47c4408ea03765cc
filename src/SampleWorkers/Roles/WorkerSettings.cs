using SampleWorkers.Transport;

namespace SampleWorkers.Roles;

sealed record WorkerSettings
{
    public BrokerAddress Broker { get; init; } = BrokerAddress.Default;

    public Uri Payments { get; init; } = new("http://127.0.0.1:5080");

    public TimeSpan PaymentsTimeout { get; init; } = TimeSpan.FromSeconds(1);

    public QueueType QueueType { get; init; } = QueueType.Classic;

    public int? DeliveryLimit { get; init; }

    /// <summary>Before the names of the queues; null for none.</summary>
    public string? QueuePrefix { get; init; }

    public int Prefetch { get; init; } = 32;

    /// <summary>A JSON file that overrides appsettings.json and the environment; null for none.</summary>
    public FileInfo? SettingsFile { get; init; }

    public Uri Urls { get; init; } = new("http://127.0.0.1:0");
}
