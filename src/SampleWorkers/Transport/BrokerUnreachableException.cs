namespace SampleWorkers.Transport;

sealed class BrokerUnreachableException(BrokerAddress broker, string cause, Exception inner)
    : Exception($"The broker at {broker} cannot be reached: {cause}", inner);
