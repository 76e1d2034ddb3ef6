import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from './App.vue'
import { connectHere } from './connection/connect-lab.ts'
import { fetchFirstPanels } from './dock/panel-components.ts'
import { useConnection } from './stores/useConnection.ts'
import './styles/tokens.css'
import './styles/base.css'

fetchFirstPanels()
const app = createApp(App).use(createPinia())
useConnection().start(connectHere(window))
app.mount('#app')
