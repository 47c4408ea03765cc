using System.Runtime.CompilerServices;
using Messaging.Breaker.DeadLetters;

namespace Messaging.Breaker.Tests.DeadLetters;

/// <summary>A queue of dead letters in memory, and the queue to which they are moved.</summary>
sealed class FakeDeadLetterBroker : IDeadLetterBroker
{
    public List<DeadLetter> Letters { get; } = [];

    public List<DeadLetter> Moved { get; } = [];

    /// <summary>The result of publishing a copy.</summary>
    public MoveResult Result { get; set; } = MoveResult.Confirmed;

    /// <summary>How many messages wait in the target.</summary>
    public long Waiting { get; set; }

    public bool IsStale { get; set; }

    public int Sessions { get; private set; }

    /// <summary>Whether a redrive can listen for messages that fail again.</summary>
    public bool CanListen { get; set; } = true;

    public List<Action<FaultDetails>> Listeners { get; } = [];

    public Task<IDeadLetterSession?> OpenAsync(string queue, CancellationToken cancellationToken)
    {
        Sessions++;
        IsStale = false;
        return Task.FromResult<IDeadLetterSession?>(new Session(this));
    }

    sealed class Session(FakeDeadLetterBroker broker) : IDeadLetterSession
    {
        readonly List<DeadLetter> _found = [.. broker.Letters];

        public long Found => _found.Count;

        public int OtherConsumers => 0;

        public bool IsStale => broker.IsStale;

        public async IAsyncEnumerable<DeadLetter> ReadAsync(
            int most, bool onlyLooks, Func<DeadLetter, bool> keepsBody, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            foreach (var letter in _found)
            {
                await Task.Yield();
                cancellationToken.ThrowIfCancellationRequested();
                yield return letter;
            }
        }

        public (string? Queue, string? Problem) TargetOf(DeadLetter letter, string? otherwise) => ("orders", null);

        public Task<IReadOnlyList<MoveResult>> PublishAsync(IReadOnlyList<DeadLetter> letters, string target, Guid run, CancellationToken cancellationToken)
        {
            if (broker.Result == MoveResult.Confirmed)
                broker.Moved.AddRange(letters);
            return Task.FromResult<IReadOnlyList<MoveResult>>([.. letters.Select(_ => broker.Result)]);
        }

        public Task SettleAsync(IEnumerable<DeadLetter> letters, CancellationToken cancellationToken)
        {
            broker.Letters.RemoveAll(letters.Contains);
            return Task.CompletedTask;
        }

        public Task<long?> CountAsync(string queue, CancellationToken cancellationToken) => Task.FromResult<long?>(broker.Waiting);

        public Task<bool> ListenAsync(string queue, Guid run, Action<FaultDetails> failed, CancellationToken cancellationToken)
        {
            if (broker.CanListen)
                broker.Listeners.Add(failed);
            return Task.FromResult(broker.CanListen);
        }

        public ValueTask DisposeAsync() => default;
    }
}
