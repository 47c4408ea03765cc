using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text.Json;
using MassTransit;
using Messaging.Breaker.IntegrationTests.Infrastructure;
using Messaging.Breaker.RabbitMq.Sharing;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Messaging.Breaker.IntegrationTests.Sharing;

/// <summary>Several stores that share one state over a broker, each with its own connection, and ways to disturb them.</summary>
sealed class BusFleet(RabbitMqNode node) : IAsyncDisposable
{
    static readonly EventId Disconnected = 33;
    static readonly EventId BecameCoordinator = 35;

    readonly ConcurrentBag<BusStateStore> _stores = [];
    readonly List<IConnection> _strangers = [];
    readonly ConcurrentDictionary<string, Socket> _sockets = [];
    volatile string _coordinator = "";
    int _coordinators;
    int _disconnections;

    public string Prefix { get; } = $"fleet-{Guid.NewGuid():N}";

    /// <summary>The name of the current or latest coordinator.</summary>
    public string Coordinator => _coordinator;

    /// <summary>How many coordinators there have been.</summary>
    public int Coordinators => _coordinators;

    /// <summary>How often a store has lost its connection or failed to open one.</summary>
    public int Disconnections => _disconnections;

    public BusStateStore NewStore(string name = "tester", Action<BusSharingOptions>? configure = null)
    {
        var options = new BusSharingOptions
        {
            Address = node.AmqpAddress,
            Prefix = Prefix,
            StoreTimeout = TimeSpan.FromSeconds(30),
            ConfigureConnection = factory => factory.SocketFactory = family => Connect(name, family),
        };
        configure?.Invoke(options);
        var factory = BusConnection.For(options, new RabbitMqTransportOptions());
        var store = new BusStateStore(factory, options, TimeProvider.System, new Listener(id =>
        {
            if (id == Disconnected)
                Interlocked.Increment(ref _disconnections);
            if (id != BecameCoordinator)
                return;
            _coordinator = name;
            Interlocked.Increment(ref _coordinators);
        }));
        _stores.Add(store);
        return store;
    }

    /// <summary>Starts a store and waits for its first answer, so that it is connected.</summary>
    public async Task<BusStateStore> StartStoreAsync(string name = "tester")
    {
        var store = NewStore(name);
        await store.ReadAsync([], TestContext.Current.CancellationToken);
        return store;
    }

    /// <summary>Cuts a store's connection without closing it properly.</summary>
    public void Cut(string name) => _sockets[name].Close();

    /// <summary>Opens a channel outside any fleet, to send what no store would send.</summary>
    public async Task<IChannel> OpenChannelAsync()
    {
        var connection = await new ConnectionFactory { Uri = node.AmqpAddress }.CreateConnectionAsync(TestContext.Current.CancellationToken);
        _strangers.Add(connection);
        return await connection.CreateChannelAsync(cancellationToken: TestContext.Current.CancellationToken);
    }

    /// <summary>Collects everything that the coordinators publish from now on, in order.</summary>
    public async Task<ConcurrentQueue<(long Version, string Instance)>> ListenAsync()
    {
        var channel = await OpenChannelAsync();
        string queue = await channel.QueueDeclareAsync(cancellationToken: TestContext.Current.CancellationToken);
        await channel.QueueBindAsync(queue, $"{Prefix}.notices", "", cancellationToken: TestContext.Current.CancellationToken);
        var told = new ConcurrentQueue<(long Version, string Instance)>();
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, message) =>
        {
            foreach (var state in JsonSerializer.Deserialize(message.Body.Span, MessageFormat.Default.Notice)!.States)
                told.Enqueue((state.Version, state.Instance));
            return Task.CompletedTask;
        };
        await channel.BasicConsumeAsync(queue, autoAck: true, consumer, TestContext.Current.CancellationToken);
        return told;
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_stores.Select(store => store.DisposeAsync().AsTask()));
        var channel = await OpenChannelAsync();
        await channel.QueueDeleteAsync($"{Prefix}.commands");
        await channel.QueueDeleteAsync($"{Prefix}.state");
        await channel.QueueDeleteAsync($"{Prefix}.ledger");
        await channel.ExchangeDeleteAsync($"{Prefix}.notices");
        foreach (var stranger in _strangers)
            await stranger.DisposeAsync();
    }

    TcpClientAdapter Connect(string name, AddressFamily family)
    {
        var socket = new Socket(family, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        _sockets[name] = socket;
        return new TcpClientAdapter(socket);
    }

    sealed class Listener(Action<EventId> heard) : ILoggerFactory, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => heard(eventId);

        public void Dispose()
        {
            // There is nothing to dispose of.
        }
    }
}
