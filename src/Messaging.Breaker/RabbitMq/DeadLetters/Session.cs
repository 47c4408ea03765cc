using Messaging.Breaker.DeadLetters;
using RabbitMQ.Client;

namespace Messaging.Breaker.RabbitMq.DeadLetters;

/// <summary>
/// Work on one queue of dead letters. All messages that are read stay unacknowledged on one channel, so that they go back to their place, in
/// order, when the session ends: by a nack where that uses up no delivery, and otherwise by closing the channel. A message that such a return
/// might drop is renewed: it is published unchanged, confirmed, and only then acknowledged.
/// </summary>
sealed class Session(SessionSetup setup) : IDeadLetterSession
{
    readonly DeliveryReader _reader = new(setup);
    readonly Publisher _publisher = new(setup);
    readonly QueueCounter _counter = new(setup);
    readonly FailureListener _listener = new(setup);
    readonly long _began = setup.Time.GetTimestamp();

    /// <summary>Long before a broker may take back unacknowledged messages (half an hour by default).</summary>
    static readonly TimeSpan LongestHold = TimeSpan.FromMinutes(10);

    /// <summary>If others consume the queue, messages that are back may be gone again.</summary>
    static readonly TimeSpan LongestReturn = TimeSpan.FromSeconds(5);
    static readonly TimeSpan Step = TimeSpan.FromMilliseconds(20);

    bool ReturnsFreely => BrokerVersion.Of(setup.Connection).ReturnsFreely;

    public long Found => setup.Found;

    public int OtherConsumers => setup.Consumers;

    public bool IsStale => setup.Time.GetElapsedTime(_began) > LongestHold;

    public IAsyncEnumerable<DeadLetter> ReadAsync(int most, bool onlyLooks, Func<DeadLetter, bool> keepsBody, CancellationToken cancellationToken) =>
        new Reading(setup, _reader, _publisher, ReturnsFreely).ReadAsync(most, onlyLooks, keepsBody, cancellationToken);

    public (string? Queue, string? Problem) TargetOf(DeadLetter letter, string? otherwise) => InputAddress.QueueOf(letter.Fault.InputAddress, setup.VirtualHost, otherwise);

    public Task<IReadOnlyList<MoveResult>> PublishAsync(IReadOnlyList<DeadLetter> letters, string target, Guid run, CancellationToken cancellationToken) =>
        _publisher.PublishAsync(target, letters.Select(letter => (((DeadLetterDelivery)letter).ToRedriven(run), letter.Body!)), cancellationToken);

    public Task SettleAsync(IEnumerable<DeadLetter> letters, CancellationToken cancellationToken) => _reader.SettleAsync(letters.Cast<DeadLetterDelivery>(), cancellationToken);

    public Task<long?> CountAsync(string queue, CancellationToken cancellationToken) => _counter.CountAsync(queue, cancellationToken);

    public Task<bool> ListenAsync(string queue, Guid run, Action<FaultDetails> failed, CancellationToken cancellationToken) =>
        _listener.ListenAsync(queue, run, failed, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        try
        {
            await _reader.ReturnAsync(_publisher, ReturnsFreely).ConfigureAwait(false);
            await AwaitReturnAsync().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is ConnectionLostException or DeadLetterException)
        {
            // The channel is lost, which also puts its messages back.
        }

        await setup.Connection.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Otherwise the next session would find an empty queue: messages are back only some time after the broker was told.</summary>
    async Task AwaitReturnAsync()
    {
        await setup.Broker.DoAsync(() => setup.Reading.CloseAsync(CancellationToken.None), CancellationToken.None).ConfigureAwait(false);
        var began = setup.Time.GetTimestamp();
        while (await CountAsync(setup.Queue, CancellationToken.None).ConfigureAwait(false) < _reader.Held && setup.Time.GetElapsedTime(began) < LongestReturn)
            await Task.Delay(Step, setup.Time, CancellationToken.None).ConfigureAwait(false);
    }
}
