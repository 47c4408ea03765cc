using System.Reflection;

namespace Messaging.Breaker.IntegrationTests.Channels;

static class Intercepted
{
    /// <summary>Wraps an object and replaces some of its methods.</summary>
    /// <param name="target">The wrapped object.</param>
    /// <param name="intercept">Receives a method and the call to the target, and returns the result.</param>
    public static T Over<T>(T target, Func<MethodInfo, Func<object?>, object?> intercept) where T : class
    {
        var proxy = DispatchProxy.Create<T, Interception>();
        ((Interception)(object)proxy).Intercept = (method, args) => intercept(
            method, () => method.Invoke(target, BindingFlags.DoNotWrapExceptions, null, args, null));
        return proxy;
    }
}

public class Interception : DispatchProxy
{
    internal Func<MethodInfo, object?[]?, object?>? Intercept { get; set; }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => Intercept!(targetMethod!, args);
}
