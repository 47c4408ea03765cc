using System.Reflection;

namespace Messaging.Breaker.IntegrationTests.Channels;

static class Intercepted
{
    /// <summary>An object with some of its methods replaced.</summary>
    /// <param name="target">What the rest is passed to.</param>
    /// <param name="intercept">Gets a method and the call to the target; returns the result.</param>
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
