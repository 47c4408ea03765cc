using System.Collections.Concurrent;

namespace Messaging.Breaker.Cli.Tests.Support;

/// <summary>Two dead-letter queues of one endpoint and one of another. It records its orders.</summary>
sealed class Letters : IDeadLetters
{
    public static readonly DateTimeOffset Began = new(2026, 1, 2, 2, 0, 0, TimeSpan.Zero);

    readonly ConcurrentQueue<DeadLetterRun> _runs = new();

    public ConcurrentQueue<DeadLetterSelection> Orders { get; } = new();

    public IReadOnlyList<DeadLetterSource> Queues { get; } =
    [
        new DeadLetterSource { Name = "charge-order_error", Endpoint = "charge-order" },
        new DeadLetterSource { Name = "charge-order_skipped", Endpoint = "charge-order" },
        new DeadLetterSource { Name = "a/b_error", Endpoint = "a/b" },
    ];

    public IReadOnlyList<DeadLetterRun> Runs => [.. _runs.Reverse()];

    public Task<DeadLetterLedger> ReadLedgerAsync(CancellationToken cancellationToken) => Task.FromResult(new DeadLetterLedger { Runs = Runs, Trips = [] });

    public Task<DeadLetterReport> LookAsync(string queue, LookOptions? options, IProgress<long>? progress, CancellationToken cancellationToken) => Task.FromResult(new DeadLetterReport
    {
        Queue = Queues.First(each => each.Name == queue),
        Messages = 12,
        Unread = 0,
        Groups = [Group("abc111", 9), Group("abc222", 3)],
        Ungrouped = 0,
        OtherConsumers = 0,
    });

    public Task<DeadLetterRun> RedriveAsync(string queue, RedriveOrder order, IProgress<DeadLetterRun>? progress, CancellationToken cancellationToken) => TakeAsync(DeadLetterAction.Redrive, queue, order);

    public Task<DeadLetterRun> DiscardAsync(string queue, DiscardOrder order, IProgress<DeadLetterRun>? progress, CancellationToken cancellationToken) => TakeAsync(DeadLetterAction.Discard, queue, order);

    public bool Cancel(Guid run)
    {
        var found = _runs.FirstOrDefault(each => each.Id == run && each.Ended is null);
        return found is not null;
    }

    public void BeginOne(Guid id) => _runs.Enqueue(Run(DeadLetterAction.Redrive, "a/b_error", new RedriveOrder { Reason = "fixed" }) with
    {
        Id = id,
        State = DeadLetterRunState.Running,
        Ended = null,
    });

    Task<DeadLetterRun> TakeAsync(DeadLetterAction action, string queue, DeadLetterSelection order)
    {
        Orders.Enqueue(order);
        var run = Run(action, queue, order);
        _runs.Enqueue(run);
        return Task.FromResult(run);
    }

    static DeadLetterRun Run(DeadLetterAction action, string queue, DeadLetterSelection order) => new()
    {
        Id = Guid.NewGuid(),
        Action = action,
        Queue = queue,
        By = order.By ?? "",
        Reason = order.Reason,
        State = DeadLetterRunState.Completed,
        Began = Began,
        Ended = Began.AddMinutes(1),
        Found = 12,
        Read = 12,
        Moved = 12,
    };

    static DeadLetterGroup Group(string key, long count) => new()
    {
        Key = key,
        Exception = "Shop.PoisonException",
        MessageType = "Shop:OrderPlaced",
        Text = "Order # is bad",
        Count = count,
        First = Began,
        Last = Began.AddMinutes(2),
        Consumer = null,
        Host = null,
        Sample = new DeadLetterSample { MessageId = "1", Headers = new Dictionary<string, string>(), BodyLength = 2, Body = null },
    };
}
