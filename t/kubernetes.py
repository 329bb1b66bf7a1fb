#!/usr/bin/env python3
"""Checks the manifests of conf/kubernetes: that they fit the schemas (where
kubernetes-validate can be had from PyPI), and each other.  Prints TAP.

  kubernetes.py [BUILD]        BUILD: where kubernetes-validate is put
"""
import os
import re
import shutil
import subprocess
import sys

try:
    import yaml
except ImportError:
    print('1..0 # skipped: python3-yaml is not there')
    sys.exit(0)

top = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
root = os.path.join(top, 'conf/kubernetes')
build = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else os.path.join(top, 'build'))
count, failed = 0, 0


def ok(good, name, why=''):
    global count, failed
    count += 1
    print('%s %d - %s%s' % ('ok' if good else 'not ok', count, name, '' if good else ': %s' % why))
    failed += not good


def load(path):
    with open(path) as f:
        return [d for d in yaml.safe_load_all(f) if d]


def render(folder):
    """What kustomize makes of a folder, but for the hashes in names."""
    k = load(os.path.join(folder, 'kustomization.yaml'))[0]
    docs = []
    for r in k['resources']:
        path = os.path.normpath(os.path.join(folder, r))
        docs += render(path) if os.path.isdir(path) else load(path)
    for c in k.get('configMapGenerator', []):
        data = {}
        for f in c['files']:
            with open(os.path.join(folder, f)) as file:
                data[f] = file.read()
        docs.append({'apiVersion': 'v1', 'kind': 'ConfigMap', 'metadata': {'name': c['name']}, 'data': data})
    return docs


def of(docs, kind):
    return [d for d in docs if d['kind'] == kind]


def matches(selector, labels):
    return all(labels.get(k) == v for k, v in selector.items())


def check_pods(docs):
    """Each reference leads somewhere."""
    maps = {d['metadata']['name']: d for d in of(docs, 'ConfigMap')}
    secrets = {d['metadata']['name'] for d in load(root + '/base/secret.example.yaml')}
    for d in of(docs, 'Deployment'):
        name, pod = d['metadata']['name'], d['spec']['template']
        spec, c = pod['spec'], pod['spec']['containers'][0]
        ok(matches(d['spec']['selector']['matchLabels'], pod['metadata']['labels']), name + ': selector')
        volumes = {v['name']: v for v in spec['volumes']}
        for m in c['volumeMounts']:
            ok(m['name'] in volumes, '%s: volume %s' % (name, m['name']))
            v = volumes.get(m['name'], {})
            if 'configMap' in v:
                data = maps.get(v['configMap']['name'], {}).get('data', {})
                ok(m.get('subPath') in data, '%s: %s is in its map' % (name, m['mountPath']))
            if 'secret' in v:
                ok(v['secret']['secretName'] in secrets, '%s: secret %s' % (name, v['secret']['secretName']))
        for e in c.get('envFrom', []):
            ok(e['secretRef']['name'] in secrets, '%s: secret %s' % (name, e['secretRef']['name']))
        s, p = c['securityContext'], spec['securityContext']
        ok(s['readOnlyRootFilesystem'] and not s['allowPrivilegeEscalation'] and p['runAsNonRoot']
           and s['capabilities'] == {'drop': ['ALL']} and p['runAsUser'] > 0, name + ': closed')
        stop = int(c['lifecycle']['preStop']['exec']['command'][1])
        conf = maps[volumes['nginx']['configMap']['name']]['data']['nginx.conf']
        shut = int(re.search(r'worker_shutdown_timeout (\d+)s;', conf)[1])
        ok(spec['terminationGracePeriodSeconds'] > stop + shut, name + ': grace covers preStop and streams')
        listens = [int(x) for x in re.findall(r'listen (\d+);', conf)]
        ok(listens == [p['containerPort'] for p in c['ports']], name + ': nginx listens on its port')
        for probe in ('readinessProbe', 'livenessProbe', 'startupProbe'):
            if probe in c:
                path = c[probe]['httpGet']['path']
                ok('location = %s ' % path in conf, '%s: %s asks for what is there' % (name, probe))
        writes = re.findall(r'^(?:pid|\s+\w+_temp_path)\s+(/\S+);', conf, re.M)
        mounts = [m['mountPath'] for m in c['volumeMounts'] if 'emptyDir' in volumes[m['name']]]
        ok(writes and all(any(w.startswith(m + '/') for m in mounts) for w in writes),
           name + ': writes only where it may', writes)
        for path in re.findall(r'include\s+(/\S+);', conf):
            ok(any(path.startswith(m['mountPath'] + '/') for m in c['volumeMounts']), '%s: %s is mounted' % (name, path))


def check_others(docs):
    pods = [d['spec']['template'] for d in of(docs, 'Deployment')]

    def found(selector):
        return [p for p in pods if matches(selector, p['metadata']['labels'])]

    for d in of(docs, 'Service'):
        p = found(d['spec']['selector'])
        ports = [x['name'] for q in p for x in q['spec']['containers'][0]['ports']]
        ok(len(p) == 1 and all(x['targetPort'] in ports for x in d['spec']['ports']),
           'service %s leads to pods' % d['metadata']['name'])
    for d in of(docs, 'PodDisruptionBudget'):
        ok(len(found(d['spec']['selector']['matchLabels'])) == 1, 'budget %s is of pods' % d['metadata']['name'])
    for d in of(docs, 'NetworkPolicy'):
        ok(len(found(d['spec']['podSelector']['matchLabels'])) == 1, 'policy %s is of pods' % d['metadata']['name'])
    names = [(d['kind'], d['metadata']['name']) for d in docs]
    for d in of(docs, 'HorizontalPodAutoscaler'):
        t = d['spec']['scaleTargetRef']
        ok((t['kind'], t['name']) in names, 'autoscaler %s scales something' % d['metadata']['name'])
        c = [p for x, p in zip(of(docs, 'Deployment'), pods) if x['metadata']['name'] == t['name']][0]
        ok('cpu' in c['spec']['containers'][0]['resources']['requests'], 'its pods request what it measures')
    ok(len(names) == len(set(names)), 'no two of one name')


def check_schemas(docs):
    lib = os.path.join(build, 'kubernetes-validate')
    if not os.path.isdir(lib):
        pip = [sys.executable, '-m', 'pip', 'install', '-q', '--disable-pip-version-check',
               '--target', lib, 'kubernetes-validate==1.37.0']
        if subprocess.run(pip, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode:
            shutil.rmtree(lib, ignore_errors=True)
            print('# skipped: kubernetes-validate can\'t be had from PyPI')
            return
    sys.path.insert(0, lib)
    import kubernetes_validate
    for d in docs + load(root + '/base/secret.example.yaml'):
        try:
            kubernetes_validate.validate(d, '1.37', strict=True)
            why = ''
        except Exception as e:
            why = str(e).split('\n')[0]
        ok(not why, 'schema: %s %s' % (d['kind'], d['metadata']['name']), why)
    wrong = {'apiVersion': 'v1', 'kind': 'Service', 'metadata': {'name': 'x'}, 'spec': {'prots': []}}
    try:
        kubernetes_validate.validate(wrong, '1.37', strict=True)
        ok(False, 'a wrong member is refused')
    except Exception:
        ok(True, 'a wrong member is refused')


docs = render(root + '/front')
check_pods(docs)
check_others(docs)
check_schemas(docs)
if shutil.which('kubectl'):
    r = subprocess.run(['kubectl', 'kustomize', root + '/front'], capture_output=True, text=True)
    made = [d for d in yaml.safe_load_all(r.stdout) if d] if r.returncode == 0 else []
    ok(len(made) == len(docs), 'kustomize makes as many objects', r.stderr or len(made))
    ok(all(d['metadata'].get('namespace') == 'ccproxy' for d in made), 'all in one namespace')
    image = [c['image'] for d in of(made, 'Deployment') for c in d['spec']['template']['spec']['containers']]
    ok('registry.example.net/ccproxy:0.1.0' in image, 'the image is the one of the kustomization', image)
else:
    print('# skipped: kubectl is not there')
print('1..%d' % count)
sys.exit(failed > 0)
