using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Messaging.Breaker.RabbitMq.Sharing;

/// <summary>
/// One connection to the broker, from its opening to its loss: asks the coordinator, receives its answers and notices, and stands by to be the
/// coordinator. If any part of it fails, all of it ends.
/// </summary>
sealed class Session : IAsyncDisposable
{
    static readonly TimeSpan LongestGoodbye = TimeSpan.FromSeconds(2);

    readonly IConnection _connection;
    readonly FleetTopology _topology;
    readonly BusSharingOptions _options;
    readonly Action<Session, Notice> _heed;
    readonly ILogger _log;
    readonly string _inbox;
    readonly ConcurrentDictionary<string, TaskCompletionSource<Answer>> _asked = new();
    readonly TaskCompletionSource<string> _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly CancellationTokenSource _ended = new();
    IChannel? _channel;
    Task _coordinator = Task.CompletedTask;

    Session(IConnection connection, FleetTopology topology, BusSharingOptions options, Action<Session, Notice> heed, ILogger log)
    {
        (_connection, _topology, _options, _heed, _log) = (connection, topology, options, heed, log);
        _inbox = topology.NewInbox();
        connection.ConnectionShutdownAsync += OnShutdown;
    }

    /// <summary>Completes with the reason when the session has ended.</summary>
    public Task<string> Lost => _lost.Task;

    public static async Task<Session> OpenAsync(
        ConnectionFactory factory,
        FleetTopology topology,
        StateAges? ages,
        BusSharingOptions options,
        Action<Session, Notice> heed,
        TimeProvider time,
        ILogger log,
        CancellationToken cancellationToken)
    {
        var connection = await factory.CreateConnectionAsync(cancellationToken).ConfigureAwait(false);
        var session = new Session(connection, topology, options, heed, log);
        try
        {
            await new FleetFounding(connection, topology, time).EnsureAsync(cancellationToken).ConfigureAwait(false);
            await session.ListenAsync(cancellationToken).ConfigureAwait(false);
            if (ages is not null) // Otherwise it is never the coordinator.
                await session.StandByAsync(ages, time, cancellationToken).ConfigureAwait(false);
            return session;
        }
        catch
        {
            await session.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <returns>Null if the session was lost before the answer.</returns>
    public async Task<Answer?> AskAsync(Command command, CancellationToken cancellationToken)
    {
        var id = Guid.NewGuid().ToString("N");
        var answer = new TaskCompletionSource<Answer>(TaskCreationOptions.RunContinuationsAsynchronously);
        _asked[id] = answer;
        try
        {
            if (!await SendAsync(command, id, cancellationToken).ConfigureAwait(false))
                return null;
            return await Task.WhenAny(answer.Task, _lost.Task).WaitAsync(cancellationToken).ConfigureAwait(false) == answer.Task
                ? await answer.Task.ConfigureAwait(false)
                : null;
        }
        finally
        {
            _asked.TryRemove(id, out _);
        }
    }

    /// <summary>Sends a command without waiting for an answer.</summary>
    public Task TellAsync(Command command, CancellationToken cancellationToken) => SendAsync(command, null, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        _lost.TrySetResult("closed");
        await _ended.CancelAsync().ConfigureAwait(false);
        await _connection.CloseAsync(Constants.ReplySuccess, "", LongestGoodbye, abort: true, CancellationToken.None).ConfigureAwait(false);
        await _coordinator.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _connection.DisposeAsync().ConfigureAwait(false);
        _ended.Dispose();
    }

    async Task ListenAsync(CancellationToken cancellationToken)
    {
        _channel = await _connection.CreateChannelAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
        _channel.ChannelShutdownAsync += OnShutdown;
        await _topology.DeclareAsync(_channel, _inbox, cancellationToken).ConfigureAwait(false);
        var consumer = new AsyncEventingBasicConsumer(_channel);
        consumer.ReceivedAsync += OnReceived;
        consumer.UnregisteredAsync += (_, _) => Lose("the consumer of the answers was cancelled");
        await _channel.BasicConsumeAsync(_inbox, autoAck: true, consumer, cancellationToken).ConfigureAwait(false);
    }

    async Task StandByAsync(StateAges ages, TimeProvider time, CancellationToken cancellationToken)
    {
        var confirmed = new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true);
        var channel = await _connection.CreateChannelAsync(confirmed, cancellationToken).ConfigureAwait(false);
        channel.ChannelShutdownAsync += OnShutdown;
        _coordinator = WorkAsync(new FleetCoordinator(channel, _topology, ages, time, _log));
    }

    async Task WorkAsync(FleetCoordinator coordinator)
    {
        try
        {
            await coordinator.RunAsync(_ended.Token).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            await Lose($"the coordinator failed: {exception.Message}").ConfigureAwait(false);
        }
    }

    async Task<bool> SendAsync(Command command, string? id, CancellationToken cancellationToken)
    {
        var properties = new BasicProperties
        {
            ContentType = "application/json",
            ReplyTo = _inbox,
            CorrelationId = id,
            Expiration = ((long)_options.StoreTimeout.TotalMilliseconds).ToString(CultureInfo.InvariantCulture),
        };
        var body = JsonSerializer.SerializeToUtf8Bytes(command, MessageFormat.Default.Command);
        try
        {
            await _channel!.BasicPublishAsync("", _topology.Commands, mandatory: false, properties, body, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            await Lose(exception.Message).ConfigureAwait(false);
            return false;
        }
    }

    Task OnReceived(object sender, BasicDeliverEventArgs message)
    {
        if (message.Exchange.Length > 0)
        {
            if (MessageFormat.Parse(message.Body, MessageFormat.Default.Notice, _topology.Notices, _log) is { } notice)
                _heed(this, notice);
        }
        else if (message.BasicProperties.CorrelationId is { } id && _asked.TryRemove(id, out var asked))
        {
            asked.TrySetResult(
                MessageFormat.Parse(message.Body, MessageFormat.Default.Answer, _inbox, _log)
                ?? new Answer(Problem: "the coordinator's answer cannot be read; it runs another version of the library"));
        }

        return Task.CompletedTask;
    }

    Task OnShutdown(object sender, ShutdownEventArgs reason) => Lose(reason.ReplyText);

    Task Lose(string reason)
    {
        _lost.TrySetResult(reason);
        return Task.CompletedTask;
    }
}
