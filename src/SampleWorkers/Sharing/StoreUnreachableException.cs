namespace SampleWorkers.Sharing;

sealed class StoreUnreachableException(StoreAddress store, string cause, Exception inner)
    : Exception($"The store of the breakers' state at {store} cannot be reached: {cause}", inner);
