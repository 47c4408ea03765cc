using MassTransit;
using Messaging.Breaker.Consuming;

namespace Messaging.Breaker.Configuration;

/// <summary>
/// What one endpoint consumes, according to MassTransit: the message types, the filters that must stand next to a consumer, and the parts that
/// cannot be guarded.
/// </summary>
sealed class EndpointConsumption(EndpointGuards guards, Action<Type, Type?> guardByAttribute)
    : IConsumerConfigurationObserver, ISagaConfigurationObserver, IHandlerConfigurationObserver, IActivityConfigurationObserver
{
    readonly EndpointGuards _guards = guards;
    readonly List<string> _problems = [];
    readonly List<Type> _consumed = [];
    readonly List<Type> _batched = [];

    public IEnumerable<string> Problems => _problems.Concat(Conflicts);

    IEnumerable<string> Conflicts => _batched.Distinct().Where(type => _consumed.FindAll(consumed => consumed == type).Count > 1).Select(type =>
        $"it consumes {type.Name} both in batches and in another consumer, and a message cannot be returned for only one of them; "
        + "give the batch consumer an endpoint of its own");

    public void Observe(IReceiveEndpointConfigurator endpoint)
    {
        endpoint.ConnectConsumerConfigurationObserver(this);
        endpoint.ConnectSagaConfigurationObserver(this);
        endpoint.ConnectHandlerConfigurationObserver(this);
        endpoint.ConnectActivityConfigurationObserver(this);
    }

    void IConsumerConfigurationObserver.ConsumerConfigured<TConsumer>(IConsumerConfigurator<TConsumer> configurator)
    {
        if (!typeof(TConsumer).GetInterfaces().Any(type => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IJobConsumer<>)))
            return;
        guardByAttribute(typeof(TConsumer), null);
        _problems.Add($"{typeof(TConsumer).Name} is a job consumer, and a job runs after its message has been acknowledged, so there is nothing to return; "
            + "call the dependency through breaker.ExecuteAsync or an HttpClient with AddBreaker, and let the job's retry policy wait");
    }

    void IConsumerConfigurationObserver.ConsumerMessageConfigured<TConsumer, TMessage>(IConsumerMessageConfigurator<TConsumer, TMessage> configurator)
    {
        if (typeof(TMessage) is { IsGenericType: true } type && type.GetGenericTypeDefinition() == typeof(Batch<>))
        {
            var connector = typeof(BatchConnector<,>).MakeGenericType(typeof(TConsumer), type.GenericTypeArguments[0]);
            ((IBatchConnector)Activator.CreateInstance(connector)!).Connect(this, configurator);
            return;
        }

        Consumes<TMessage>(typeof(TConsumer));
        configurator.AddPipeSpecification(new GuardedFilterSpecification<ConsumerConsumeContext<TConsumer, TMessage>>(
            _guards, new StartFilter<ConsumerConsumeContext<TConsumer, TMessage>>(_guards)));
    }

    void ISagaConfigurationObserver.SagaConfigured<TSaga>(ISagaConfigurator<TSaga> configurator) => guardByAttribute(typeof(TSaga), null);

    /// <summary>The messages of a saga are known only after the endpoint was validated, so its attribute guards all of them.</summary>
    void ISagaConfigurationObserver.StateMachineSagaConfigured<TInstance>(
        ISagaConfigurator<TInstance> configurator, SagaStateMachine<TInstance> stateMachine) => guardByAttribute(stateMachine.GetType(), null);

    void ISagaConfigurationObserver.SagaMessageConfigured<TSaga, TMessage>(ISagaMessageConfigurator<TSaga, TMessage> configurator)
    {
        Consumes<TMessage>(null);
        configurator.AddPipeSpecification(new GuardedFilterSpecification<SagaConsumeContext<TSaga, TMessage>>(
            _guards, new StartFilter<SagaConsumeContext<TSaga, TMessage>>(_guards)));
    }

    /// <summary>Unlike consumers, handlers are known only after the endpoint was validated.</summary>
    void IHandlerConfigurationObserver.HandlerConfigured<TMessage>(IHandlerConfigurator<TMessage> configurator)
    {
        Consumes<TMessage>(null);
        if (!_guards.IsEmpty && Conflicts.FirstOrDefault() is { } conflict)
            throw new ConfigurationException($"The endpoint cannot be guarded by a breaker: {conflict}");
    }

    void IActivityConfigurationObserver.ActivityConfigured<TActivity, TArguments>(
        IExecuteActivityConfigurator<TActivity, TArguments> configurator, Uri compensateAddress) => RefuseActivity(typeof(TActivity));

    void IActivityConfigurationObserver.ExecuteActivityConfigured<TActivity, TArguments>(
        IExecuteActivityConfigurator<TActivity, TArguments> configurator) => RefuseActivity(typeof(TActivity));

    void IActivityConfigurationObserver.CompensateActivityConfigured<TActivity, TLog>(
        ICompensateActivityConfigurator<TActivity, TLog> configurator) => RefuseActivity(typeof(TActivity));

    void Consumes<TMessage>(Type? consumer) where TMessage : class
    {
        _guards.Consumes<TMessage>();
        Count(consumer, typeof(TMessage));
    }

    void Count(Type? consumer, Type messageType)
    {
        _consumed.Add(messageType);
        if (consumer is not null)
            guardByAttribute(consumer, messageType);
    }

    void RefuseActivity(Type activity)
    {
        guardByAttribute(activity, null);
        _problems.Add($"{activity.Name} is a routing slip activity: MassTransit turns its failure into an event, never into a message that could be "
            + "returned; call the dependency through breaker.ExecuteAsync or an HttpClient with AddBreaker, and let UseMessageRetry wait");
    }

    /// <summary>The batch's message type is known only as a type argument of a type argument.</summary>
    interface IBatchConnector
    {
        void Connect(EndpointConsumption consumption, object configurator);
    }

    sealed class BatchConnector<TConsumer, TMessage> : IBatchConnector
        where TConsumer : class
        where TMessage : class
    {
        public void Connect(EndpointConsumption consumption, object configurator)
        {
            consumption._batched.Add(typeof(TMessage));
            consumption.Count(typeof(TConsumer), typeof(TMessage));
            consumption._guards.ConsumesInBatches<TMessage>();
            ((IConsumerMessageConfigurator<TConsumer, Batch<TMessage>>)configurator).AddPipeSpecification(
                new GuardedFilterSpecification<ConsumerConsumeContext<TConsumer, Batch<TMessage>>>(
                    consumption._guards, new BatchFilter<TConsumer, TMessage>()));
        }
    }
}
