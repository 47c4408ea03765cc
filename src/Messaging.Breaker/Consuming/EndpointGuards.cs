using System.Collections.Immutable;
using MassTransit;
using Messaging.Breaker.Attribution;
using Messaging.Breaker.Breakers;

namespace Messaging.Breaker.Consuming;

/// <summary>
/// The breakers that guard one endpoint, and for which messages: a guard declared on a consumer holds for the messages of that consumer.
/// Complete when the pipes are built, and not changed afterwards.
/// </summary>
sealed class EndpointGuards(TimeProvider time)
{
    readonly List<Guard> _guards = [];
    readonly List<Type> _messageTypes = [];
    readonly List<Type> _batchedTypes = [];
    readonly List<Func<ConsumeContext, Exception, Task<bool>>> _answers = [];
    readonly List<CircuitBreaker> _breakers = [];
    Guard[]? _built;

    public List<CircuitBreaker> Breakers => _breakers;

    /// <summary>The messages of the endpoint that are under way.</summary>
    public Roster Roster { get; } = new();

    public bool IsEmpty => _guards.Count == 0;

    public void GuardAll(CircuitBreaker breaker) => Find(breaker).MessageTypes = null;

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

    public MessageHandling Begin(ConsumeContext context)
    {
        var guards = _built ??= [.. _guards.Select(guard => guard.Covers(_messageTypes) ? new Guard(guard.Breaker) { MessageTypes = null } : guard)];
        var handling = new MessageHandling(PassagesOf(context, guards), context, time, context.ReceiveContext.CancellationToken);
        if (IsOneOf(_batchedTypes, context))
            AddToBatch(context, handling);
        return handling;
    }

    /// <summary>The batch finds the messages that it consists of by their payload.</summary>
    static void AddToBatch(ConsumeContext context, MessageHandling handling)
    {
        handling.IsBatched = true;
        context.AddOrUpdatePayload(() => handling, _ => handling);
    }

    static ImmutableArray<Passage> PassagesOf(ConsumeContext context, Guard[] guards)
    {
        if (guards is [var only])
            return only.AppliesTo(context) ? [new Passage(only.Breaker)] : [];
        var passages = ImmutableArray.CreateBuilder<Passage>(guards.Length);
        foreach (var guard in guards)
            if (guard.AppliesTo(context))
                passages.Add(new Passage(guard.Breaker));
        return passages.DrainToImmutable();
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
