using System.Collections.Concurrent;

namespace Messaging.Breaker.Dashboard.Tests.Support;

/// <summary>One dead-letter queue that records its orders.</summary>
sealed class FakeDeadLetters : IDeadLetters
{
    public const string Queue = "charge/order_error";

    public ConcurrentQueue<DeadLetterSelection> Orders { get; } = new();

    public ConcurrentQueue<LookOptions> Looks { get; } = new();

    public TaskCompletionSource<DeadLetterRun> Ending { get; } = new();

    /// <summary>Thrown instead of obeying.</summary>
    public Exception? Refusal { get; set; }

    public IReadOnlyList<DeadLetterSource> Queues { get; } = [new DeadLetterSource { Name = Queue, Endpoint = "charge/order" }];

    public IReadOnlyList<DeadLetterRun> Runs { get; } =
    [
        new DeadLetterRun
        {
            Id = Guid.NewGuid(), Action = DeadLetterAction.Redrive, Queue = Queue, By = "anna", Reason = "fixed", State = DeadLetterRunState.Running,
            Began = DateTimeOffset.UnixEpoch, Found = 10, Read = 4, Moved = 3,
        },
    ];

    public IReadOnlyList<DeadLetterTrip> Trips { get; } =
    [
        new DeadLetterTrip
        {
            Id = Guid.NewGuid(), Breaker = "payments", Instance = "worker-2", Reason = "ten calls in a row failed", Began = DateTimeOffset.UnixEpoch,
            Ended = DateTimeOffset.UnixEpoch.AddMinutes(3), Reopens = 2, DeadLetters = 7,
            Groups = [new DeadLetterTripGroup { Exception = "Shop.PoisonException", Text = "Order # is bad", Count = 7 }],
        },
    ];

    public Task<DeadLetterLedger> ReadLedgerAsync(CancellationToken cancellationToken) => Task.FromResult(new DeadLetterLedger { Runs = Runs, Trips = Trips });

    public Task<DeadLetterReport> LookAsync(string queue, LookOptions? options, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        Looks.Enqueue(options!);
        return Refusal is not null ? Task.FromException<DeadLetterReport>(Refusal) : Task.FromResult(new DeadLetterReport
        {
            Queue = Queues[0],
            Messages = 0,
            Unread = 0,
            Groups = [],
            Ungrouped = 0,
            OtherConsumers = 0,
        });
    }

    public Task<DeadLetterRun> RedriveAsync(string queue, RedriveOrder order, IProgress<DeadLetterRun>? progress, CancellationToken cancellationToken) => TakeAsync(queue, order);

    public Task<DeadLetterRun> DiscardAsync(string queue, DiscardOrder order, IProgress<DeadLetterRun>? progress, CancellationToken cancellationToken) => TakeAsync(queue, order);

    public bool Cancel(Guid run) => run == Runs[0].Id;

    Task<DeadLetterRun> TakeAsync(string queue, DeadLetterSelection order)
    {
        Assert.Equal(Queue, queue);
        Orders.Enqueue(order);
        return Refusal is not null ? Task.FromException<DeadLetterRun>(Refusal) : Ending.Task;
    }
}
