namespace Messaging.Breaker.ChaosTests.Garbage;

/// <summary>A peer of the fleet that tells nonsense all the while, in every place where the others look.</summary>
abstract class GarbagePeer : IAsyncDisposable
{
    static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(50);
    static readonly TimeSpan LongestTelling = TimeSpan.FromSeconds(5);

    readonly CancellationTokenSource _leaving = new();
    Task _telling = Task.CompletedTask;

    /// <summary>How much was told; what was said to a store that is away does not count.</summary>
    public int Told { get; private set; }

    public void Start() => _telling = Task.Run(RunAsync);

    public async ValueTask DisposeAsync()
    {
        await _leaving.CancelAsync();
        await _telling;
        await CloseAsync();
        _leaving.Dispose();
    }

    protected abstract Task TellAsync(CancellationToken cancellationToken);

    /// <summary>Gives up the connection, if there is one.</summary>
    protected abstract Task CloseAsync();

    async Task RunAsync()
    {
        while (!_leaving.IsCancellationRequested)
        {
            try
            {
                using var limit = CancellationTokenSource.CreateLinkedTokenSource(_leaving.Token);
                limit.CancelAfter(LongestTelling);
                await TellAsync(limit.Token);
                Told++;
            }
            catch (Exception)
            {
                // The store is killed, frozen and started again, like everybody's.
                await CloseAsync();
            }

            await Task.Delay(Pace, _leaving.Token).ContinueWith(_ => { }, TaskScheduler.Default);
        }
    }
}
