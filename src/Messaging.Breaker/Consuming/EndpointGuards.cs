using System.Collections.Immutable;
using MassTransit;
using Messaging.Breaker.Attribution;
using Messaging.Breaker.Breakers;

namespace Messaging.Breaker.Consuming;

/// <summary>
/// The breakers that guard one endpoint, and for which messages: a guard declared on a consumer holds for the messages of that consumer.
/// Complete when the pipes are built, and not changed afterwards, until the endpoint is removed.
/// </summary>
sealed class EndpointGuards(TimeProvider time)
{
    readonly List<Guard> _guards = [];
    readonly List<Type> _messageTypes = [];
    readonly List<Type> _batchedTypes = [];
    readonly List<Func<ConsumeContext, Exception, Task<bool>>> _answers = [];
    List<CircuitBreaker> _breakers = [];
    Guard[]? _built;

    public List<CircuitBreaker> Breakers => _breakers;

    /// <summary>The messages of the endpoint that are under way.</summary>
    public InFlightMessages InFlight { get; } = new();

    /// <summary>The endpoint's own breaker; null if it has none.</summary>
    public EndpointBreaker? Own { get; private set; }

    public bool IsEmpty => _guards.Count == 0;

    public void GuardAll(CircuitBreaker breaker) => Find(breaker).MessageTypes = null;

    /// <summary>The endpoint's own breaker is last to be asked, and has an attempt only while it is not closed.</summary>
    public void GuardBy(EndpointBreaker own)
    {
        Own = own;
        _breakers.Add(own.Breaker);
        own.Breaker.Guard(InFlight);
    }

    /// <summary>
    /// The endpoint was removed. MassTransit keeps the configuration of each endpoint that was connected for as long as the bus lives, and with it the
    /// filters and this: so they let go of what only this endpoint needed.
    /// </summary>
    public void Forget()
    {
        foreach (var breaker in _breakers)
            breaker.Forget(InFlight);
        Own = null;
        _breakers = _breakers.FindAll(breaker => !breaker.IsLocal);
    }

    public void GuardMessages(CircuitBreaker breaker, Type messageType) => Find(breaker).MessageTypes?.Add(messageType);

    /// <summary>
    /// Every message type that the endpoint consumes has to be known, to tell whether a guard holds for all, and to answer a request.
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
        var guards = _built ??= [.. _guards.Select(guard => guard.Covers(_messageTypes) ? new Guard(guard.Breaker) { MessageTypes = null } : guard)];
        var attempts = AttemptsOf(context, guards);
        if (Own is { Breaker: { State: not BreakerState.Closed } own })
            attempts = attempts.Add(new BreakerAttempt(own));
        var message = new InFlightMessage(attempts, context, time, context.ReceiveContext.CancellationToken);
        if (IsOneOf(_batchedTypes, context))
            AddToBatch(context, message);
        return message;
    }

    /// <summary>The batch finds the messages that it consists of by their payload.</summary>
    static void AddToBatch(ConsumeContext context, InFlightMessage message)
    {
        message.IsBatched = true;
        context.AddOrUpdatePayload(() => message, _ => message);
    }

    static ImmutableArray<BreakerAttempt> AttemptsOf(ConsumeContext context, Guard[] guards)
    {
        if (guards is [var only])
            return only.AppliesTo(context) ? [new BreakerAttempt(only.Breaker)] : [];
        var attempts = ImmutableArray.CreateBuilder<BreakerAttempt>(guards.Length);
        foreach (var guard in guards)
            if (guard.AppliesTo(context))
                attempts.Add(new BreakerAttempt(guard.Breaker));
        return attempts.DrainToImmutable();
    }

    static bool IsOneOf(List<Type> types, ConsumeContext context)
    {
        foreach (var type in types)
            if (context.HasMessageType(type))
                return true;
        return false;
    }

    Guard Find(CircuitBreaker breaker)
    {
        var guard = _guards.Find(known => known.Breaker == breaker);
        if (guard is null)
        {
            _guards.Add(guard = new Guard(breaker));
            _breakers.Add(breaker);
            breaker.Guard(InFlight);
        }

        return guard;
    }

    sealed class Guard(CircuitBreaker breaker)
    {
        public CircuitBreaker Breaker => breaker;

        /// <summary>Null for every message of the endpoint.</summary>
        public List<Type>? MessageTypes { get; set; } = [];

        public bool Covers(List<Type> all) => MessageTypes is null || all.TrueForAll(MessageTypes.Contains);

        public bool AppliesTo(ConsumeContext context) => MessageTypes is null || IsOneOf(MessageTypes, context);
    }
}
