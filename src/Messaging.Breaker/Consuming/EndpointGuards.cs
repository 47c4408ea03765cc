using System.Collections.Immutable;
using MassTransit;
using Messaging.Breaker.Breakers;
using Messaging.Breaker.Breakers.Attempts;
using Messaging.Breaker.Breakers.Keys;

namespace Messaging.Breaker.Consuming;

/// <summary>
/// The breakers that guard one endpoint, and the messages they guard: a guard declared on a consumer applies to the messages of that consumer.
/// Complete when the pipes are built, and unchanged until the endpoint is removed.
/// </summary>
sealed class EndpointGuards(TimeProvider time)
{
    readonly List<Guard> _guards = [];
    readonly HashSet<CircuitBreaker> _ambiguous = [];
    readonly List<Type> _messageTypes = [];
    readonly List<Type> _batchedTypes = [];
    readonly List<Func<ConsumeContext, Exception, Task<bool>>> _answers = [];
    List<CircuitBreaker> _breakers = [];
    List<Alternatives> _groups = [];
    Guard[]? _built;

    public List<CircuitBreaker> Breakers => _breakers;

    /// <summary>The same, grouped by alternatives: one breaker of each group is enough.</summary>
    public List<Alternatives> Groups => _groups;

    /// <summary>The own breaker of a removed endpoint no longer has a group, so it is treated as a group of one.</summary>
    public Alternatives GroupOf(CircuitBreaker breaker) => _groups.Find(group => group.Breakers.Contains(breaker)) ?? new Alternatives([breaker]);

    /// <summary>
    /// Breakers that guard both alone and as an alternative, or in two groups: when they pause the endpoint would be ambiguous.
    /// </summary>
    public IReadOnlyCollection<CircuitBreaker> Ambiguous => _ambiguous;

    /// <summary>The in-flight messages of the endpoint.</summary>
    public InFlightMessages InFlight { get; } = new();

    /// <summary>The endpoint's own breaker; null if it has none.</summary>
    public EndpointBreaker? Own { get; private set; }

    public bool IsEmpty => _guards.Count == 0;

    /// <summary>The queues of keys; null if no guard is partitioned, or the transport does not support them.</summary>
    public IKeyQueues? KeyQueues { get; set; }

    /// <summary>The guards that are partitioned.</summary>
    public IEnumerable<Partition> Partitions => _guards.Select(guard => guard.Breaker.Partition).OfType<Partition>();

    public bool ConsumesBatches => _batchedTypes.Count > 0;

    public void GuardAll(CircuitBreaker breaker) => Find(breaker).MessageTypes = null;

    /// <summary>The endpoint's own breaker is asked last, and has an attempt only while it is not closed.</summary>
    public void GuardBy(EndpointBreaker own)
    {
        Own = own;
        _breakers.Add(own.Breaker);
        _groups.Add(new Alternatives([own.Breaker]));
        own.Breaker.Messages.Add(InFlight);
    }

    /// <summary>
    /// The endpoint was removed. MassTransit keeps the configuration of every connected endpoint, with its filters and this object, as long as
    /// the bus lives. So this releases what only the endpoint needed.
    /// </summary>
    public void Forget()
    {
        foreach (var breaker in _breakers)
            breaker.Messages.Remove(InFlight);
        Own = null;
        _breakers = _breakers.FindAll(breaker => !breaker.IsLocal);
        _groups = _groups.FindAll(group => !group.IsLocal);
    }

    public void GuardMessages(CircuitBreaker breaker, Type messageType) => Find(breaker).MessageTypes?.Add(messageType);

    /// <summary>Any of several breakers is enough, for all messages or for those of one type.</summary>
    public void GuardAny(ImmutableArray<CircuitBreaker> breakers, Type? messageType)
    {
        var group = _groups.Find(known => known.Are(breakers)) ?? new Alternatives(breakers);
        foreach (var breaker in breakers)
        {
            var guard = Find(breaker, group);
            if (messageType is null)
                guard.MessageTypes = null;
            else
                guard.MessageTypes?.Add(messageType);
        }
    }

    /// <summary>
    /// Every message type that the endpoint consumes must be known, to decide whether a guard applies to all of them, and to answer requests.
    /// </summary>
    public void Consumes<TMessage>() where TMessage : class
    {
        if (_messageTypes.Contains(typeof(TMessage)))
            return;
        _messageTypes.Add(typeof(TMessage));
        _answers.Add(RequestAnswer.TrySendAsync<TMessage>);
    }

    public void ConsumesInBatches<TMessage>() where TMessage : class
    {
        Consumes<TMessage>();
        _batchedTypes.Add(typeof(TMessage));
    }

    public async Task AnswerAsync(ConsumeContext request, Exception exception)
    {
        foreach (var send in _answers)
            if (await send(request, exception).ConfigureAwait(false))
                return;
    }

    public InFlightMessage Begin(ConsumeContext context)
    {
        var guards = _built ??= [.. _guards.Select(guard => guard.Covers(_messageTypes) ? guard.OfAll() : guard)];
        var keyOfQueue = KeyQueues?.KeyOf(context.ReceiveContext);
        var attempts = AttemptsOf(context, guards, keyOfQueue);
        if (Own is { Breaker: { State: not BreakerState.Closed } own })
            attempts = attempts.Add(new BreakerAttempt(own));
        var message = new InFlightMessage(attempts, context, time, context.ReceiveContext.CancellationToken) { IsFromKeyQueue = keyOfQueue is not null };
        if (IsOneOf(_batchedTypes, context))
            AddToBatch(context, message);
        return message;
    }

    /// <summary>The batch finds its messages by this payload.</summary>
    static void AddToBatch(ConsumeContext context, InFlightMessage message)
    {
        message.IsBatched = true;
        context.AddOrUpdatePayload(() => message, _ => message);
    }

    static ImmutableArray<BreakerAttempt> AttemptsOf(ConsumeContext context, Guard[] guards, string? keyOfQueue)
    {
        if (guards is [var only])
            return only.AppliesTo(context) ? [only.NewAttempt(context, keyOfQueue)] : [];
        var attempts = ImmutableArray.CreateBuilder<BreakerAttempt>(guards.Length);
        foreach (var guard in guards)
            if (guard.AppliesTo(context))
                attempts.Add(guard.NewAttempt(context, keyOfQueue));
        return attempts.DrainToImmutable();
    }

    static bool IsOneOf(List<Type> types, ConsumeContext context)
    {
        foreach (var type in types)
            if (context.HasMessageType(type))
                return true;
        return false;
    }

    Guard Find(CircuitBreaker breaker, Alternatives? group = null)
    {
        var guard = _guards.Find(known => known.Breaker == breaker);
        if (guard is null)
        {
            group ??= new Alternatives([breaker]);
            _guards.Add(guard = new Guard(breaker, group));
            _breakers.Add(breaker);
            if (!_groups.Contains(group))
                _groups.Add(group);
            breaker.Messages.Add(InFlight);
        }
        else if (guard.Group != group && (group is not null || !guard.Group.IsOne))
            _ambiguous.Add(breaker);

        return guard;
    }

    sealed class Guard(CircuitBreaker breaker, Alternatives group)
    {
        public CircuitBreaker Breaker => breaker;

        /// <summary>The alternatives.</summary>
        public Alternatives Group => group;

        /// <summary>Null for all messages of the endpoint.</summary>
        public List<Type>? MessageTypes { get; set; } = [];

        public Guard OfAll() => new(breaker, group) { MessageTypes = null };

        /// <summary>A message that waited in the queue of a key keeps that key, whatever its selector returns now.</summary>
        public BreakerAttempt NewAttempt(ConsumeContext context, string? keyOfQueue) => !group.IsOne ? new AlternativeAttempt(breaker, group)
            : breaker.Partition is not { } partition ? new BreakerAttempt(breaker)
            : new BreakerAttempt(breaker, keyOfQueue is null ? partition.Enter(context) : partition.Enter(keyOfQueue));

        public bool Covers(List<Type> all) => MessageTypes is null || all.TrueForAll(MessageTypes.Contains);

        public bool AppliesTo(ConsumeContext context) => MessageTypes is null || IsOneOf(MessageTypes, context);
    }
}
